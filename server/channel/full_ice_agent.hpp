#pragma once

#include <string>

#include "channel/glib_pump.hpp"
#include "channel/ice_agent.hpp"
#include "channel/settings.hpp"

struct _NiceAgent;

namespace clued::channel {

/// A full agent (RFC 8445) with a port of its own. It is libnice's, and so are the timers of its checks.
class FullIceAgent final : public IceAgent {
 public:
  FullIceAgent(boost::asio::io_context& io, Turns& turns, const Settings& settings, Listener& listener);
  ~FullIceAgent() override;

  FullIceAgent(const FullIceAgent&) = delete;
  FullIceAgent& operator=(const FullIceAgent&) = delete;

  /// libnice settles its role here for good.
  base::expected<void, std::string> gather(sdp::IpFamily family, bool controlling) override;
  /// Without candidates it waits for those that the peer's checks show.
  base::expected<void, std::string> connect(Remote remote) override;
  bool send(Bytes datagram) override;

  base::expected<Description, std::string> description() const override;
  std::string selected_pair() const override;

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
