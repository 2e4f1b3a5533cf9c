#include "sip/socket_facts.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace clued::sip {
namespace {

bool is_of_type(int descriptor, int wanted) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == wanted;
}

/// All zero for what is no TCP socket: there is no such state.
tcp_info tcp_info_of(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info : tcp_info{};
}

}  // namespace

std::uint64_t cookie_of(int descriptor) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

bool is_datagram(int descriptor) { return is_of_type(descriptor, SOCK_DGRAM); }
bool is_stream(int descriptor) { return is_of_type(descriptor, SOCK_STREAM); }

su_sockaddr_t peer_of(int descriptor) {
  su_sockaddr_t peer{};
  socklen_t size = sizeof peer;
  if (getpeername(descriptor, &peer.su_sa, &size) != 0) return {};
  SU_CANONIZE_SOCKADDR(&peer);
  return peer;
}

bool is_half_closed(int descriptor) { return tcp_info_of(descriptor).tcpi_state == TCP_CLOSE_WAIT; }

bool is_ending(int descriptor) {
  const auto state = tcp_info_of(descriptor).tcpi_state;
  return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSING;
}

unsigned waiting_at_listener(int descriptor) { return tcp_info_of(descriptor).tcpi_unacked; }

}  // namespace clued::sip
