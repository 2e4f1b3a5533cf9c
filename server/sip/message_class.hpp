// How the library is to parse messages. Private to server/sip.
#pragma once

#include <functional>

#include "sip/sofia.hpp"

namespace clued::sip {

/// Sofia-SIP's own message class but for the topmost Via, which says where an answer goes. Here it goes back to where
/// the request came from, whatever `maddr` says, and to a port that exists. For otherwise
///   - a host name in maddr makes the library look it up while everything else waits, and
///   - an address or port that cannot be sent to leaves the INVITE in a state where an ACK stops the process by an
///     assertion (nta.c, incoming_ack): two datagrams from anybody.
/// RFC 3261 section 18.2.2 means maddr for multicast, which this server does not do. The class lives as long as the
/// process.
const msg_mclass_t* message_class();

/// Whether a request may be read on: asked of a datagram when its first Via is reached, and on a connection when the
/// request is whole, before anything is kept of it. One that may not is dropped without an answer.
using Admission = std::function<bool(const su_sockaddr_t& source)>;

/// Who is asked by what this thread parses until the next call; null: nobody. The library gives its parsers no context.
void set_admission(const Admission* admission);

}  // namespace clued::sip
