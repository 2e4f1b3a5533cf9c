// Where what we send goes: every request and every response of ours. Decides by values alone, before anybody opens a
// socket or asks for a name; the library is only ever told the numbers that come out of it (its resolver spins for ever
// where the network has no route). Private to server/sip; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sip/route_set.hpp"
#include "sip/source.hpp"

namespace clued::sip {

/// The way by which the peer's requests come, or by which we called it.
struct PeerWay {
  Source source;                   ///< the other end of it
  std::string sent_by;             ///< what the peer calls itself there: the host of its Via, or that was called
  std::uint16_t sent_by_port = 0;  ///< 0: the default one
  bool connection = false;         ///< it is, or was, a connection
  bool alive = false;              ///< the connection is there
  bool called = false;             ///< we called the peer, at `source`: a place that takes requests
};

struct NextHop {
  enum class By {
    connection,  ///< the one of the peer
    address,     ///< `to`, in numbers
    name,        ///< `to.domain` has to be looked up for the address of `to`
    nothing      ///< there is no way
  };
  By by = By::nothing;
  Source to{};                        ///< its transport may be "": whichever there is, UDP first
  std::optional<Source> otherwise{};  ///< where to, if the name cannot be found out
};

/// Of a request in a dialog. `secure`: nothing but TLS will do (RFC 5630). A live connection of the peer is used where
/// it leads to the next hop, and where only a name or no route says otherwise, as behind it there may be an address
/// translator. By UDP a name means where the peer's requests come from, which is what its Via sent them by. Only what
/// cannot be reached so is looked up: when the connection is lost, and when we called and the answer names another
/// host.
NextHop next_hop(const RouteSet::Path& path, const PeerWay& way, bool secure);

/// Of an INVITE that begins a dialog, to its target or to the outbound proxy.
NextHop first_hop(const focus::SipUri& uri);

/// Of a response (RFC 3261 section 18.2, RFC 3581): to the address that the request came from, whatever its Via says.
/// Names in sent-by, `received` or `maddr` are not for us to look up, and maddr is for multicast, which this server
/// does not do. The port is that of the request where the Via of a datagram asks for it (`rport`), else that of the
/// sent-by; with TCP it counts when the connection is lost.
struct ResponseHop {
  bool tells_received = false;  ///< the sent-by is not that address, so the Via has to name it
  bool to_source_port = false;
};
ResponseHop response_hop(std::string_view sent_by, const std::string& source_address, bool datagram = true,
                         bool rport = false);

}  // namespace clued::sip
