// Somebody honest, who notices whether the daemon still does its work.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bench/load/sip_message.hpp"
#include "channel/certificate.hpp"
#include "fuzz_process/connection.hpp"
#include "fuzz_process/sockets.hpp"

namespace clued::fuzz {

class Probe {
 public:
  /// `wait` lets everything else go on for a moment, and says whether the daemon is still there.
  Probe(Reactor& reactor, std::function<bool()> wait);

  void aim(std::uint16_t sip_port, std::uint16_t tls_port);
  /// The port that it sends from, which the daemon is to trust.
  std::uint16_t port() const noexcept { return socket_.port(); }

  /// How long OPTIONS took; nothing when it was not answered within that time.
  std::optional<std::chrono::milliseconds> ping(std::chrono::milliseconds patience);
  /// A call to the factory: INVITE, ACK, BYE. "" when all is well, else what is not.
  std::string call(std::chrono::milliseconds patience);
  /// OPTIONS on a connection of its own; the same.
  std::string connect(bool tls, std::chrono::milliseconds patience);

 private:
  using Message = bench::SipMessage;

  /// The final response; repeats the request until it comes.
  std::optional<Message> ask(const Message& request, std::chrono::milliseconds patience);
  Message request(const std::string& method, unsigned cseq, const std::string& target) const;

  Reactor& reactor_;
  std::function<bool()> wait_;
  UdpSocket socket_;
  std::uint16_t sip_port_ = 0, tls_port_ = 0;
  channel::OpensslHandle<SSL_CTX> tls_;
  std::uint64_t calls_ = 0;
  std::string to_;
  std::optional<Message> answer_;
};

}  // namespace clued::fuzz
