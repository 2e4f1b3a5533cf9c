// The CLUE data channels of the process: ICE by libnice or our own lite agent, DTLS 1.2 by OpenSSL, SCTP by usrsctp,
// all on one Asio loop.
//
// For the executor in app/: `open`, `connect`, `send` and `close` carry out the commands of the same name. Events come
// through `post`, which is called from within C callbacks and therefore must only queue:
//   OpenChannel    -> ChannelGathered, or ChannelFailed "gathering"
//   ConnectChannel -> ChannelEstablished, or ChannelFailed
//   CloseChannel   -> ChannelReleased, the last event of the channel
// At most one ChannelFailed per channel; nothing follows it but ChannelReleased.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/descriptor_budget.hpp"
#include "base/expected.hpp"
#include "base/record.hpp"
#include "channel/settings.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"

namespace boost::asio {
class io_context;
}

namespace clued::channel {

/// What is alive, layer by layer. After the last ChannelReleased everything is 0.
struct Census {
  std::size_t agents = 0;
  std::size_t dtls_sessions = 0;
  std::size_t sctp_associations = 0;
  std::size_t channels = 0;
  bool operator==(const Census&) const = default;
};

/// What came to the port of the lite agents and was of no use to any of them, since the start.
struct Counters {
  std::uint64_t dropped_datagrams = 0;  ///< from addresses where no peer has proven itself
  std::uint64_t refused_checks = 0;     ///< connectivity checks without the right credentials, mostly
};

using Post = std::function<void(focus::Event)>;

class Channels {
 public:
  /// `io` must outlive this object and be run by the constructing thread (GLib contexts belong to a thread). Makes the
  /// DTLS certificate of the process. Throws std::runtime_error when a library cannot be initialised or an address of
  /// the settings is not numeric or, like 0.0.0.0, not one to be told to peers.
  Channels(boost::asio::io_context& io, Settings settings, Post post, base::RecordSink log,
           base::DescriptorBudget descriptors = {});
  /// Frees everything at once. Associations that are up get an ABORT; no events follow.
  ~Channels();

  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;

  /// Takes the port of the lite agents, if there are to be such. Once, before the first channel is opened. The error is
  /// a sentence.
  base::expected<void, std::string> start();

  void open(const focus::command::OpenChannel& command);
  void connect(const focus::command::ConnectChannel& command);
  /// Nothing is sent, and a record written, when the channel is not established or the message is larger than the peer
  /// allows (a=max-message-size).
  void send(focus::command::SendOnChannel command);
  void close(const focus::command::CloseChannel& command);

  /// Ends every channel without waiting for its peer; ChannelReleased is posted for each before this returns.
  void abort_all();

  /// While it is true, what comes over the channels stays in the stack, and peers stop sending when that is full
  /// (flow control of RFC 9260). May be called from within `post`.
  void hold_input(bool hold);
  /// Messages of ours that wait for their turn.
  std::size_t sends_waiting() const noexcept;

  Census census() const noexcept;
  Counters counters() const noexcept;

 private:
  class Impl;
  /// Shared with the handlers that Asio keeps, so that one that comes late finds out that the channels are gone.
  std::shared_ptr<Impl> impl_;
};

}  // namespace clued::channel
