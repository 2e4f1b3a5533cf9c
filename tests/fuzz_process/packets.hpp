// Datagrams made by chance: SCTP, DTLS, STUN, RTP.
#pragma once

#include <cstdint>
#include <string>

#include "fuzz_process/random.hpp"

namespace clued::fuzz {

std::string big_endian(std::uint64_t value, int octets);

/// A packet between the ports of the channel with a right checksum. `tag` and `tsn` are those that the other end waits
/// for.
std::string sctp_packet(Random& random, std::uint32_t tag, std::uint32_t tsn);
/// The checksum of a packet that was changed.
std::string with_checksum(std::string packet);

/// One DTLS record or more, plain ones: handshake fragments, alerts, what no record is.
std::string dtls_records(Random& random);

/// A check with these credentials and odd attributes; or another kind of STUN message.
std::string stun_datagram(Random& random, const std::string& username, const std::string& password);

/// RTP, RTCP or neither.
std::string media_datagram(Random& random);

}  // namespace clued::fuzz
