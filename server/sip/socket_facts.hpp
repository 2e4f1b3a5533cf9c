// What the kernel says of a socket of the library's. Private to server/sip.
#pragma once

#include <cstdint>

#include "sip/sofia.hpp"

namespace clued::sip {

/// The kernel's name for it, as descriptors are used again; 0 for what is no socket.
std::uint64_t cookie_of(int descriptor);
bool is_datagram(int descriptor);
bool is_stream(int descriptor);
/// The other end; an IPv4 address by a socket for both families is that IPv4 address. All zero when there is none.
su_sockaddr_t peer_of(int descriptor);

/// Of a TCP connection: the other end has closed, and ours has not.
bool is_half_closed(int descriptor);
/// Our end has said that it is over, and the other has not yet.
bool is_ending(int descriptor);
/// How many connections the kernel has made that nobody has accepted yet.
unsigned waiting_at_listener(int descriptor);

}  // namespace clued::sip
