#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/expected.hpp"
#include "channel/bytes.hpp"
#include "channel/sctp_options.hpp"
#include "channel/sctp_stack.hpp"

namespace clued::channel {

enum class SctpFailure {
  sctp,           ///< not set up, retransmissions used up, or refused by the stack
  peer_reset,     ///< the peer reset its stream: it removed the data channel (RFC 8831 section 6.7)
  peer_shutdown,  ///< the peer sent SHUTDOWN
  peer_abort,     ///< the peer sent ABORT
  protocol,       ///< what RFC 8850 section 3.2 forbids: unordered, binary or abandoned messages, too large ones
};

/// One SCTP association over DTLS (RFC 8261) with one data channel on it.
///
///   connecting --COMM_UP--> up --shutdown()--> resetting --> shutting_down --> gone
///        \-------- abort(), ABORT, SHUTDOWN, stream reset by the peer --------/
class SctpAssociation {
 public:
  /// Told when usrsctp has returned, except sctp_output; must not destroy the association there.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// From within usrsctp: neither association nor stack may be used.
    virtual void sctp_output(Bytes packet) noexcept = 0;
    virtual void sctp_established() noexcept = 0;
    virtual void sctp_received(std::string message) noexcept = 0;
    /// Once at most.
    virtual void sctp_failed(SctpFailure failure, const std::string& detail) noexcept = 0;
    /// The answer to shutdown(): the peer has acknowledged it, or there is nothing to shut down any more.
    virtual void sctp_closed(bool gracefully) noexcept = 0;
  };

  enum class Sent { sent, queued, too_large, not_up, overflow };

  SctpAssociation(std::shared_ptr<SctpStack> stack, SctpParameters parameters, Listener& listener);
  /// Aborts if it is still there.
  ~SctpAssociation();

  SctpAssociation(const SctpAssociation&) = delete;
  SctpAssociation& operator=(const SctpAssociation&) = delete;

  /// Sends INIT; both ends do (RFC 8841 section 9.3). The error is a sentence for a log record.
  base::expected<void, std::string> connect();
  void receive(Bytes packet);
  /// A message of the CLUE channel. What does not fit into the send buffer is queued, up to a bound.
  Sent send(std::string message);
  /// Outgoing stream reset, then SHUTDOWN; an association that is not up yet is aborted. sctp_closed follows, sooner or
  /// later: the caller keeps the time.
  void shutdown();
  /// ABORT to the peer, everything freed. Nothing is told.
  void abort() noexcept;

  bool is_gone() const noexcept { return state_ == State::gone; }

 private:
  enum class State { idle, connecting, up, resetting, shutting_down, gone };
  enum class Reset { none, requested, answered };
  friend SctpStack;

  void output(std::span<std::uint8_t> packet) noexcept;  // called by the stack, within usrsctp
  void drain();                                          // called by the stack, outside of usrsctp
  void note_attempt(Bytes packet) noexcept;
  void measure_path() noexcept;
  bool read_one();
  void notified(std::span<const std::uint8_t> notification);
  void association_changed(std::uint16_t state, std::uint16_t outbound, std::uint16_t inbound);
  void streams_reset(std::span<const std::uint8_t> notification);
  void received(Bytes part, std::uint16_t stream, std::uint32_t protocol, bool unordered, bool complete);
  void complete_message(std::uint32_t protocol);
  void acknowledge_dcep();
  Sent pass(const std::string& message, std::uint32_t protocol);
  void flush();
  void reset_stream();
  void start_shutdown();
  void fail(SctpFailure failure, const std::string& detail);
  void free_socket() noexcept;

  std::shared_ptr<SctpStack> stack_;
  SctpParameters parameters_;
  Listener& listener_;
  SctpStack::Slot slot_;
  struct socket* socket_ = nullptr;
  State state_ = State::idle;
  bool failed_ = false;
  bool closing_ = false;    // shutdown() was called
  bool shut_down_ = false;  // SHUTDOWN COMPLETE
  bool peer_aborted_ = false;
  bool init_sent_ = false;
  bool cookie_sent_ = false;
  bool set_up_was_slow_ = false;  // a packet of it had to be repeated
  Reset reset_ = Reset::none;     // of our outgoing stream
  std::string partial_;           // the message that is being received
  std::deque<std::string> unsent_;
  std::size_t unsent_octets_ = 0;
};

}  // namespace clued::channel
