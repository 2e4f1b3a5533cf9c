#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "base/token_bucket.hpp"
#include "channel/channels.hpp"
#include "channel/dtls_session.hpp"
#include "channel/ice_agent.hpp"
#include "channel/sctp_association.hpp"

namespace clued::channel {

/// What the channels of a process share.
struct ChannelHost {
  Settings settings;
  Post post;
  base::RecordSink log;
  std::function<std::unique_ptr<IceAgent>(IceAgent::Listener&)> make_agent;
  DtlsContext dtls;
  std::shared_ptr<SctpStack> sctp;
  std::function<void(base::ChannelId)> changed;      ///< its deadline may have moved
  std::function<void(base::ChannelId)> finished;     ///< it is to be destroyed, later, and ChannelReleased be posted
  std::function<void(base::ChannelId)> has_to_send;  ///< send_next() is to be called when there is a turn for it
};

/// One CLUE data channel: an ICE agent, over it a DTLS session, over it an SCTP association.
///
///   gathering -> gathered -> checking -> handshaking -> associating -> established
///        \___________\___________\____________\_____________\__ fail() _/ -> failed
///   close() from anywhere: established or failed with an association -> closing -> finished; else finished
class Channel final : private IceAgent::Listener, private DtlsSession::Listener, private SctpAssociation::Listener {
 public:
  /// `subject`: whose it is, for the log.
  Channel(ChannelHost& host, base::ChannelId id, base::SharedSubject subject);
  ~Channel() override;

  void open(sdp::IpFamily family, bool controlling);
  void connect(const sdp::DataChannel& local, const sdp::DataChannel& remote);
  /// Queues: what is sent goes out in turns with what the other channels send.
  void send(std::string message);
  /// Hands the next message to the association.
  void send_next();
  /// In the order of TP-08: stream reset, SHUTDOWN, after a while ABORT, close_notify, ICE.
  void close();

  base::Deadline next_deadline(base::TimePoint now) const;
  void handle_timeout(base::TimePoint now);

  /// How far the graceful removal came, once finished.
  const std::string& how() const noexcept { return how_; }
  /// Adds what it has alive.
  void count(Census& census) const noexcept;

 private:
  enum class State { gathering, gathered, checking, handshaking, associating, established, failed, closing, finished };

  void ice_gathered() noexcept override;
  void ice_connected() noexcept override;
  void ice_suspected() noexcept override;
  void ice_recovered() noexcept override;
  void ice_received(Bytes datagram) noexcept override;

  void dtls_output(Bytes datagram) noexcept override;
  void dtls_connected() noexcept override;
  void dtls_received(Bytes record) noexcept override;
  void dtls_failed(DtlsFailure failure, const std::string& detail) noexcept override;

  void sctp_output(Bytes packet) noexcept override;
  void sctp_established() noexcept override;
  void sctp_received(std::string message) noexcept override;
  void sctp_failed(SctpFailure failure, const std::string& detail) noexcept override;
  void sctp_closed(bool gracefully) noexcept override;

  void pass(std::string message);
  void flood();
  void start_dtls();
  void log(const base::RecordKind& kind, std::initializer_list<base::Field> fields) const;
  void log_established() const;
  void trace(std::string_view direction, const std::string& message) const;
  void refuse(std::string_view reason, std::size_t size) const;
  void ignore(std::string_view command) const;
  void fail(std::string_view cause, const std::string& detail);
  void finish(std::string_view how);

  ChannelHost& host_;
  base::ChannelId id_;
  base::SharedSubject subject_;
  State state_ = State::gathering;
  bool was_established_ = false;
  std::string how_;

  DtlsRole role_ = DtlsRole::client;
  std::vector<sdp::Fingerprint> fingerprints_;  // the peer's, until DTLS has them
  SctpParameters sctp_parameters_;
  std::vector<std::string> held_;   // the peer's first datagrams, come before we could handle them
  std::deque<std::string> outbox_;  // waits for its turn
  std::size_t outbox_octets_ = 0;
  base::TokenBucket budget_;  // of the peer's messages
  std::uint64_t messages_received_ = 0;
  std::uint64_t octets_received_ = 0;

  base::TimePoint opened_at_;
  base::TimePoint connect_at_;
  base::TimePoint gathered_at_;
  base::TimePoint ice_at_;
  base::TimePoint dtls_at_;
  base::TimePoint sctp_at_;
  base::Deadline setup_deadline_;     // until gathered, then until established
  base::Deadline consent_deadline_;   // while ICE is suspected
  base::Deadline shutdown_deadline_;  // while closing

  // Each layer sends through the one before, so they go in the opposite order.
  std::unique_ptr<IceAgent> ice_;
  std::unique_ptr<DtlsSession> dtls_;
  std::unique_ptr<SctpAssociation> sctp_;
};

}  // namespace clued::channel
