#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "channel/bytes.hpp"
#include "channel/stun_integrity.hpp"
#include "channel/stun_message.hpp"

namespace clued::channel {

/// How long the check of a peer is a sign of life. Peers check every 4 to 6 s (RFC 7675 section 5.1), without
/// repeating, so that two of them may get lost.
inline constexpr std::chrono::seconds kCheckLifetime{15};

/// The STUN server of all lite agents at one port (RFC 8445 section 7.3), and what tells their data apart: a check
/// names its agent by the USERNAME; everything else belongs to whose peer has proven itself at the address that it
/// comes from (RFC 8445 section 12.2). Of senders that prove nothing, nothing is kept. No socket, no clock.
class StunServer {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;
  using Send = std::function<void(Bytes datagram, const Endpoint& to)>;

  /// An agent behind the port. What it is told comes from within receive(); it must not remove an agent there.
  class Agent {
   public:
    virtual std::string_view password() const noexcept = 0;
    /// A check of the peer was good and is answered. `nominated`: it had USE-CANDIDATE.
    virtual void checked(const Endpoint& from, bool nominated, base::TimePoint now) noexcept = 0;
    virtual void received(Bytes datagram) noexcept = 0;

   protected:
    ~Agent() = default;
  };

  struct Counters {
    std::uint64_t dropped = 0;  ///< datagrams that are nobody's: no STUN, and from no known address
    std::uint64_t refused = 0;  ///< checks that were answered with an error, or came from another one's address
  };

  /// Throws std::runtime_error when OpenSSL lacks what is needed.
  explicit StunServer(Send send) : send_(std::move(send)) {}

  StunServer(const StunServer&) = delete;
  StunServer& operator=(const StunServer&) = delete;

  /// False when the username fragment is in use.
  bool add(const std::string& ufrag, Agent& agent);
  /// Nothing of the agent is left, and it is not told anything more.
  void remove(const std::string& ufrag) noexcept;

  /// The address is that of the agent's peer, and stays so, without any check: both are lite. False when it is another
  /// one's; nothing would tell the data of two channels between the same two ports apart.
  bool claim(const std::string& ufrag, const Endpoint& address, base::TimePoint now);
  /// From now on the addresses of the agent's peer are whoever's proves to be there: a new channel of the same peer may
  /// use the port of the one that is going.
  void yield(const std::string& ufrag) noexcept;

  void receive(Bytes datagram, const Endpoint& source, base::TimePoint now);

  const Counters& counters() const noexcept { return counters_; }

 private:
  struct Text : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct EndpointHash {
    std::size_t operator()(const Endpoint& endpoint) const noexcept;
  };
  struct Entry {
    Agent* agent = nullptr;
    bool yields = false;
    std::vector<Endpoint> addresses;  ///< of its peer, those below
  };
  struct Owner {
    Entry* entry = nullptr;
    base::TimePoint kept_until;  ///< until then nobody else gets the address
  };

  void check(const StunMessage& request, const Endpoint& source, base::TimePoint now);
  void refuse(const StunMessage& request, unsigned code, const Endpoint& source, const Agent* authenticated);
  bool take_address(Entry& entry, const Endpoint& address, base::TimePoint now, base::TimePoint kept_until);
  void forget_oldest(Entry& entry);

  Send send_;
  MessageIntegrity integrity_;
  std::unordered_map<std::string, Entry, Text, std::equal_to<>> agents_;
  std::unordered_map<Endpoint, Owner, EndpointHash> owners_;
  Counters counters_;
};

}  // namespace clued::channel
