#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "channel/bytes.hpp"
#include "channel/candidate.hpp"
#include "channel/glib_pump.hpp"
#include "channel/settings.hpp"
#include "sdp/data_channel.hpp"

struct _NiceAgent;

namespace clued::channel {

/// The ICE end of one channel (RFC 8445, RFC 7675), one component. libnice is the back end: full ICE, UDP only.
class IceAgent {
 public:
  /// Told from within gather(), connect() or the event loop; must not destroy the agent there.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// All candidates are known: description() is complete.
    virtual void ice_gathered() noexcept = 0;
    /// A pair works: send() has a way. Once.
    virtual void ice_connected() noexcept = 0;
    /// The checks failed, or consent was lost; libnice goes on, and it may recover.
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
  };

  IceAgent(boost::asio::io_context& io, const Settings& settings, Listener& listener);
  /// Everything is closed at return. Not from within a callback.
  ~IceAgent();

  IceAgent(const IceAgent&) = delete;
  IceAgent& operator=(const IceAgent&) = delete;

  /// Binds to the settings' address of this family and gathers. libnice settles its role here for good, except that a
  /// conflict with the peer is resolved (RFC 8445 section 7.3.1.1). The error is a sentence for a log record.
  base::expected<void, std::string> gather(sdp::IpFamily family, bool controlling);
  /// Begins the checks (RFC 8445 section 6.1.4); without candidates it waits for those of the peer.
  base::expected<void, std::string> connect(const std::string& ufrag, const std::string& password,
                                            const std::vector<Candidate>& candidates);
  /// False when there is no way to the peer; datagrams get lost anyhow.
  bool send(Bytes datagram);

  base::expected<Description, std::string> description() const;
  /// "host 192.0.2.1:4711 - prflx 192.0.2.9:1234", for a log record.
  std::string selected_pair() const;

 private:
  static void on_gathered(_NiceAgent* agent, unsigned stream, void* self) noexcept;
  static void on_state(_NiceAgent* agent, unsigned stream, unsigned component, unsigned state, void* self) noexcept;
  static void on_datagram(_NiceAgent* agent, unsigned stream, unsigned component, unsigned length, char* data,
                          void* self) noexcept;
  void state_changed(unsigned state) noexcept;

  const Settings& settings_;
  Listener& listener_;
  GlibPump pump_;  // outlives the agent, whose sources live in its context
  _NiceAgent* agent_ = nullptr;
  unsigned stream_ = 0;
  bool connected_ = false;
  bool suspected_ = false;
};

}  // namespace clued::channel
