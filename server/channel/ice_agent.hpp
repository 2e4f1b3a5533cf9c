#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "base/time.hpp"
#include "channel/bytes.hpp"
#include "channel/candidate.hpp"
#include "sdp/data_channel.hpp"

namespace clued::channel {

/// The ICE end of one channel (RFC 8445, RFC 7675): one component, UDP only.
class IceAgent {
 public:
  /// Told from within gather(), connect(), handle_timeout() or the event loop; must not destroy the agent there.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// All candidates are known: description() is complete.
    virtual void ice_gathered() noexcept = 0;
    /// A pair works: send() has a way. Once.
    virtual void ice_connected() noexcept = 0;
    /// The checks failed, or the peer's consent or checks stayed away; it may recover.
    virtual void ice_suspected() noexcept = 0;
    virtual void ice_recovered() noexcept = 0;
    virtual void ice_received(Bytes datagram) noexcept = 0;
  };

  /// What SDP says of this end.
  struct Description {
    std::string ufrag;
    std::string password;
    std::vector<std::string> candidates;  ///< values of a=candidate
    std::string address;                  ///< of the default candidate
    std::uint16_t port = 0;
    bool lite = false;  ///< a=ice-lite (RFC 8839 section 5.3)
  };

  /// What SDP says of the other end.
  struct Remote {
    std::string ufrag;
    std::string password;
    std::vector<Candidate> candidates;
    bool lite = false;
  };

  /// Everything is closed at return. Not from within a callback.
  virtual ~IceAgent() = default;

  /// Takes a port at the configured address of this family. `controlling` is the role unless a conflict with the peer
  /// is resolved otherwise (RFC 8445 section 7.3.1.1). The error is a sentence for a log record.
  virtual base::expected<void, std::string> gather(sdp::IpFamily family, bool controlling) = 0;
  /// The peer is known: what checks there are to be begin (RFC 8445 section 6.1.4).
  virtual base::expected<void, std::string> connect(Remote remote) = 0;
  /// False when there is no way to the peer; datagrams get lost anyhow.
  virtual bool send(Bytes datagram) = 0;
  /// The channel is being closed: nothing of it needs to be kept from others any more.
  virtual void closing() noexcept {}

  virtual base::expected<Description, std::string> description() const = 0;
  /// "host 192.0.2.1:4711 - prflx 192.0.2.9:1234", for a log record.
  virtual std::string selected_pair() const = 0;

  virtual base::Deadline next_deadline() const { return std::nullopt; }
  virtual void handle_timeout(base::TimePoint /*now*/) {}
};

}  // namespace clued::channel
