// One telepresence endpoint of the load: its dialog with the focus, its CLUE channel, and when what happened to it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "bench/load/sip_message.hpp"
#include "bench/telepresence_peer.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"

namespace clued::bench {

/// What an endpoint acts through; the load client is it.
class EndpointHost {
 public:
  virtual ~EndpointHost() = default;
  virtual void send_sip(const std::string& datagram) = 0;
  virtual void open(const focus::command::OpenChannel& command) = 0;
  virtual void connect(const focus::command::ConnectChannel& command) = 0;
  virtual void send(focus::command::SendOnChannel command) = 0;
  virtual void close(const focus::command::CloseChannel& command) = 0;
};

class Endpoint {
 public:
  /// `address` is host:port of our socket; the host must outlive the endpoint.
  Endpoint(EndpointHost& host, unsigned number, std::string address, unsigned cameras);

  // --- what it does ---
  /// Gathers, then INVITEs this URI.
  void join(std::string uri, base::TimePoint now);
  /// In-dialog REFER with method=BYE.
  void remove(const Endpoint& target, base::TimePoint now);
  void leave(base::TimePoint now);

  // --- what happens to it ---
  void receive(const SipMessage& message, base::TimePoint now);
  void on(const focus::event::ChannelGathered& event, base::TimePoint now);
  void on(const focus::event::ChannelEstablished& event, base::TimePoint now);
  void on(const focus::event::ChannelMessageReceived& event, base::TimePoint now);
  void on(const focus::event::ChannelFailed& event, base::TimePoint now);
  /// Repeats requests without an answer (RFC 3261 timers A and E).
  void tick(base::TimePoint now);

  // --- what it saw ---
  const std::string& call_id() const noexcept { return call_id_; }
  base::ChannelId channel() const noexcept { return channel_; }
  const std::string& conference() const noexcept { return remote_target_; }  ///< "" before the 200
  /// Everything that makes a join complete: dialog, channel, both advertisements acknowledged, the re-INVITE for the
  /// streams answered and acknowledged, our configure accepted.
  bool is_complete() const;
  bool is_over() const noexcept { return over_; }
  base::TimePoint last_refresh() const noexcept { return last_refresh_; }  ///< advertisement or ACK of a re-INVITE
  std::size_t advertisements() const { return peer_.advertisements(); }
  std::size_t reinvites() const noexcept { return reinvites_; }
  std::size_t repeats() const noexcept { return repeats_; }
  /// The 2xx to our REFER came.
  bool is_referred() const noexcept { return referred_; }
  /// "" as long as nothing went wrong.
  std::string trouble() const;

 private:
  struct Pending {
    std::string text;
    std::string method;
    unsigned cseq = 0;
    base::TimePoint due;
    base::Duration interval{};
  };

  SipMessage request(const std::string& method, unsigned cseq) const;
  void transmit(const SipMessage& message, base::TimePoint now);
  void flush_messages(base::TimePoint now);
  void on_response(const SipMessage& response, base::TimePoint now);
  void on_invite_answered(const SipMessage& response);
  void on_request(const SipMessage& request, base::TimePoint now);
  void on_reinvite(const SipMessage& request);
  void respond(const SipMessage& request, int status);

  EndpointHost& host_;
  TelepresencePeer peer_;
  std::string name_, address_, uri_, call_id_, tag_;
  std::string remote_target_, remote_to_;
  unsigned cseq_ = 0;
  unsigned invite_cseq_ = 0;
  std::string offer_;
  std::vector<Pending> pending_;
  base::ChannelId channel_;
  std::optional<unsigned> answered_reinvite_;  ///< CSeq of the one that waits for its ACK
  std::string last_response_;                  ///< to the newest request of the focus, for its repetitions
  unsigned last_request_ = 0;
  std::size_t reinvites_ = 0;
  std::size_t repeats_ = 0;
  bool referred_ = false;
  bool over_ = false;
  base::TimePoint last_refresh_{};
  std::string trouble_;
};

}  // namespace clued::bench
