// SIP over TLS. Sofia-SIP's own TLS of this version keeps each finished connection's SSL object for good, sends no
// intermediate certificates, knows neither SNI nor "request a certificate", and cannot read its files again. So TLS
// ends here, on Asio: each connection is relayed to a TCP connection with the library over loopback, on an address of
// 127.0.0.0/8 that nobody guesses. Private to server/sip.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/descriptor_budget.hpp"
#include "base/expected.hpp"
#include "base/record.hpp"
#include "sip/settings.hpp"
#include "sip/values.hpp"

namespace clued::sip {

class TlsContext;
class TlsSession;

class TlsEdge {
 public:
  TlsEdge(boost::asio::io_context& io, const TlsSettings& settings, base::RecordSink log,
          base::DescriptorBudget descriptors);
  TlsEdge(const TlsEdge&) = delete;
  TlsEdge& operator=(const TlsEdge&) = delete;
  /// Closes every connection.
  ~TlsEdge();

  /// Reads the certificates. Error: a sentence.
  base::expected<void, std::string> start();
  /// Where the library has to listen for the relayed connections; its port is then told.
  const std::string& relay_address() const { return relay_address_; }
  void set_relay_port(std::uint16_t port) { relay_port_ = port; }
  /// `advertised`: the host for Contact and Via. Error: a sentence.
  base::expected<void, std::string> listen(const std::string& address, std::uint16_t port,
                                           const std::string& advertised);
  /// Reads the certificates again; connections go on with what they began with.
  base::expected<void, std::string> reload(const TlsSettings& settings);

  /// One end of a relayed connection, as somebody who asks for it by the port on the relay address.
  struct Peer {
    Source source;        ///< who is there really, with the names in its certificate
    std::string sent_by;  ///< our end as it goes into a Contact: "192.0.2.1:5061"
  };
  const Peer* peer(std::uint16_t relay_port) const;

  /// Has a TLS connection come about to this address and port once the library connects to the returned port on the
  /// relay address; 0 if there are too many. The certificate must be for `to.domain`, or else for the address. A live
  /// connection that has proved this is used again.
  std::uint16_t reach(const Source& to);
  std::string relay_uri(std::uint16_t relay_port) const;
  /// Why such a connection did not come about, if it is one of the last that did not; else "".
  std::string why_failed(std::uint16_t relay_port) const;
  /// The host and port that connections to this address family are called by here; "" if we do not listen on it.
  std::string sent_by(bool ipv6) const;

  std::vector<std::string> bound() const;
  std::size_t connections() const { return sessions_.size(); }

 private:
  friend class TlsSession;
  struct Acceptor;

  void accept(Acceptor& acceptor);
  void accept_later(Acceptor& acceptor);
  bool has_descriptors() const;
  bool has_room(const std::string& address) const;
  void add(const std::shared_ptr<TlsSession>& session, std::uint16_t relay_port);
  void remove(TlsSession& session);
  /// Its other end is going: nobody is to be reached by it any more.
  void retire(const TlsSession& session);
  void remember_failure(std::uint16_t relay_port, std::string why);

  boost::asio::io_context& io_;
  TlsSettings settings_;
  base::RecordSink log_;
  base::DescriptorBudget descriptors_;
  std::shared_ptr<TlsContext> context_;
  std::string relay_address_;
  std::uint16_t relay_port_ = 0;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<TlsSession*, std::shared_ptr<TlsSession>> sessions_;
  std::unordered_map<std::uint16_t, TlsSession*> by_relay_port_;
  std::unordered_map<std::string, std::size_t> per_source_;
  std::unordered_map<std::string, TlsSession*> by_destination_;  ///< those that we opened
  std::deque<std::pair<std::uint16_t, std::string>> failures_;
};

}  // namespace clued::sip
