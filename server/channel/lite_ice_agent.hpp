#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channel/ice_agent.hpp"
#include "channel/lite_port.hpp"

namespace clued::channel {

/// The shared ports, by family; none where no address is configured.
struct LitePorts {
  std::shared_ptr<LitePort> v4;
  std::shared_ptr<LitePort> v6;
};

/// A lite agent (RFC 8445 section 2.5): it has one host candidate and answers the peer's checks. The pair that the peer
/// nominated last is the selected one (section 7.3.2). It never finds itself that ICE failed (section 8.2.1), so until
/// the first nomination only the channel's time limits it. After that the checks by which the peer asks for our consent
/// (RFC 7675) are the sign that the peer is there.
class LiteIceAgent final : public IceAgent, private StunServer::Agent {
 public:
  LiteIceAgent(const LitePorts& ports, Listener& listener) : ports_(ports), listener_(listener) {}
  ~LiteIceAgent() override;

  LiteIceAgent(const LiteIceAgent&) = delete;
  LiteIceAgent& operator=(const LiteIceAgent&) = delete;

  /// The role is of no interest: a full peer controls, and two lite ones need no roles while they have one pair.
  base::expected<void, std::string> gather(sdp::IpFamily family, bool controlling) override;
  base::expected<void, std::string> connect(Remote remote) override;
  bool send(Bytes datagram) override;
  void closing() noexcept override;

  base::expected<Description, std::string> description() const override;
  std::string selected_pair() const override;

  base::Deadline next_deadline() const override;
  void handle_timeout(base::TimePoint now) override;

 private:
  using Endpoint = LitePort::Endpoint;

  std::string_view password() const noexcept override { return password_; }
  void checked(const Endpoint& from, bool nominated, base::TimePoint now) noexcept override;
  void received(Bytes datagram) noexcept override { listener_.ice_received(datagram); }

  base::expected<void, std::string> select_by_candidates();
  void conclude();

  const LitePorts& ports_;
  Listener& listener_;
  std::shared_ptr<LitePort> port_;
  std::string ufrag_;
  std::string password_;
  std::optional<Remote> remote_;
  std::optional<Endpoint> selected_;  ///< the peer's end of the selected pair
  base::TimePoint checked_at_;        ///< the last check on that pair
  bool connected_ = false;
  bool suspected_ = false;
};

}  // namespace clued::channel
