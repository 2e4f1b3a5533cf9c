#include "channel/sctp_options.hpp"

#include <usrsctp.h>

#include <algorithm>
#include <cstdint>

namespace clued::channel {
namespace {

/// Streams cost memory on both ends (65535 of them 6.7 MB); the channel needs one.
constexpr int kFewestStreams = 16;
/// usrsctp adds the common header of 12 octets, DTLS 37 for AES-GCM: less than 1200 octets of UDP payload.
constexpr std::uint32_t kPathMtu = 1148;
/// What the peer may have on its way to us, and what we can hand over to the stack at once.
constexpr int kReceiveBuffer = 256 * 1024;
constexpr std::size_t kSmallestSendBuffer = 256 * 1024;
/// Below RFC 9260's 1 s, because CLUE messages are few: a lost one is never noticed by a later one.
constexpr std::uint32_t kInitialRto = 500;
constexpr std::uint32_t kSmallestRto = 300;
/// Below its 60 s for the same reason: where a fifth of all packets gets lost, a doubled time runs out again and again,
/// and a message of thirty packets took minutes.
constexpr std::uint32_t kLargestRto = 1'000;
/// A minute of silence, as RFC 9260's values make it: ICE consent notices a dead path, not we.
constexpr std::uint16_t kMostRetransmissions = 60;

template <class T>
bool set_option(struct socket* on, int level, int name, const T& value) noexcept {
  return usrsctp_setsockopt(on, level, name, &value, static_cast<socklen_t>(sizeof value)) == 0;
}

}  // namespace

bool set_sctp_options(struct socket* on, const SctpParameters& parameters) noexcept {
  bool ok = usrsctp_set_non_blocking(on, 1) == 0;
  // Closing means ABORT; the graceful way is shutdown().
  ok = ok && set_option(on, SOL_SOCKET, SO_LINGER, linger{1, 0});
  const int receive_buffer = kReceiveBuffer;
  const int send_buffer = static_cast<int>(std::max(parameters.largest_outbound(), kSmallestSendBuffer));
  ok = ok && set_option(on, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  ok = ok && set_option(on, SOL_SOCKET, SO_SNDBUF, send_buffer);
  // RFC 8831 section 6.6: a message is not held back for more of them.
  const int yes = 1;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_NODELAY, yes);
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_RECVRCVINFO, yes);
  // RFC 8831 section 6.7 closes channels by resetting streams.
  sctp_assoc_value reset{};
  reset.assoc_id = SCTP_ALL_ASSOC;
  reset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, reset);
  sctp_initmsg init{};
  const int streams = std::max(kFewestStreams, parameters.stream_id + 1);
  init.sinit_num_ostreams = static_cast<std::uint16_t>(std::min(streams, 65535));
  init.sinit_max_instreams = init.sinit_num_ostreams;
  init.sinit_max_attempts = kMostRetransmissions;
  init.sinit_max_init_timeo = kLargestRto;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_INITMSG, init);
  sctp_rtoinfo rto{};
  rto.srto_initial = kInitialRto;
  rto.srto_min = kSmallestRto;
  rto.srto_max = kLargestRto;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_RTOINFO, rto);
  sctp_paddrparams path{};
  path.spp_address.ss_family = AF_CONN;
  // ICE consent already watches the path. The MTU cannot be discovered without ICMP: RFC 8831 section 5 takes a fixed
  // one.
  path.spp_flags = SPP_HB_DISABLE | SPP_PMTUD_DISABLE;
  path.spp_pathmtu = kPathMtu;
  path.spp_pathmaxrxt = kMostRetransmissions;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
  sctp_assocparams association{};
  association.sasoc_assoc_id = SCTP_ALL_ASSOC;
  association.sasoc_asocmaxrxt = kMostRetransmissions;
  ok = ok && set_option(on, IPPROTO_SCTP, SCTP_ASSOCINFO, association);
  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_SHUTDOWN_EVENT, SCTP_STREAM_RESET_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = static_cast<std::uint16_t>(type);
    event.se_on = 1;
    ok = ok && set_option(on, IPPROTO_SCTP, SCTP_EVENT, event);
  }
  return ok;
}

}  // namespace clued::channel
