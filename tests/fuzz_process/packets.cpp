#include "fuzz_process/packets.hpp"

#include <algorithm>
#include <span>

#include "channel/bytes.hpp"
#include "channel/sctp_packet.hpp"
#include "component/channel/stun_request.hpp"
#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

std::string noise(Random& random, std::size_t most) {
  std::string text(random.below(most + 1), '\0');
  for (char& c : text) c = static_cast<char>(random.octet());
  return text;
}

// --- SCTP (RFC 9260) ---

std::string chunk(std::uint8_t type, std::uint8_t flags, const std::string& value) {
  auto text = big_endian(type, 1) + big_endian(flags, 1) + big_endian(value.size() + 4, 2) + value;
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string parameter(std::uint16_t type, const std::string& value) {
  auto text = big_endian(type, 2) + big_endian(value.size() + 4, 2) + value;
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string some_parameters(Random& random) {
  constexpr std::uint16_t types[] = {1,      5,      6,      7,      9,      11,     12,     13,     14,
                                     15,     16,     17,     18,     0x8000, 0x8002, 0x8003, 0x8004, 0x8008,
                                     0xC000, 0xC001, 0xC002, 0xC003, 0xC004, 0xC005, 0xC006};
  std::string text;
  for (std::size_t i = random.below(random.chance(95) ? 4 : 60); i > 0; --i) {
    text += parameter(random.chance(95) ? random.pick(types) : static_cast<std::uint16_t>(random.next()),
                      noise(random, random.chance(90) ? 24 : 200));
  }
  return text;
}

std::string data_chunk(Random& random, std::uint32_t tsn) {
  constexpr std::uint32_t protocols[] = {50, 51, 51, 53, 56, 57, 0, 52, 54};
  const auto flags = static_cast<std::uint8_t>(random.chance(70) ? 3 : random.octet());
  const auto number = random.chance(70) ? tsn : tsn + static_cast<std::uint32_t>(random.below(100'000)) - 50'000;
  const auto stream = random.chance(80) ? 0 : random.below(65'536);
  std::string content = random.chance(20) ? std::string() : noise(random, random.chance(95) ? 60 : 900);
  if (random.chance(20)) content = std::string(1, static_cast<char>(random.chance(50) ? 3 : 2)) + content;  // DCEP
  return chunk(0, flags,
               big_endian(number, 4) + big_endian(stream, 2) + big_endian(random.below(65'536), 2) +
                   big_endian(random.pick(protocols), 4) + content);
}

std::string sack_chunk(Random& random, std::uint32_t tsn) {
  const std::size_t gaps = random.below(random.chance(95) ? 4 : 200);
  const std::size_t duplicates = random.below(4);
  auto value = big_endian(random.chance(50) ? tsn : random.next(), 4) + big_endian(random.next(), 4) +
               big_endian(random.chance(95) ? gaps : random.next(), 2) + big_endian(duplicates, 2);
  for (std::size_t i = gaps * 2; i > 0; --i) value += big_endian(random.next(), 2);
  for (std::size_t i = duplicates; i > 0; --i) value += big_endian(random.next(), 4);
  return chunk(3, 0, value);
}

std::string reconfig_chunk(Random& random, std::uint32_t tsn) {
  const auto request = big_endian(random.chance(50) ? tsn : random.next(), 4);
  switch (random.below(4)) {
    case 0:
      return chunk(130, 0, parameter(13, request + request + request + big_endian(random.below(3), 2)));
    case 1:
      return chunk(130, 0, parameter(16, request + big_endian(random.below(8), 4) + noise(random, 8)));
    case 2:
      return chunk(130, 0, parameter(17, request + big_endian(random.next(), 2) + "\0\0"));
    default:
      return chunk(130, 0, some_parameters(random));
  }
}

std::string some_chunk(Random& random, std::uint32_t tsn) {
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return data_chunk(random, tsn);
    case 4:
    case 5:
      return sack_chunk(random, tsn);
    case 6:
      return reconfig_chunk(random, tsn);
    case 7:
      return chunk(4, 0, parameter(1, noise(random, 64)));  // HEARTBEAT
    case 8:
      return chunk(5, 0, parameter(1, noise(random, 64)));
    case 9:
      return chunk(static_cast<std::uint8_t>(random.chance(50) ? 1 : 2), 0,  // INIT, INIT ACK
                   big_endian(random.next(), 4) + big_endian(random.next(), 4) + big_endian(random.next(), 2) +
                       big_endian(random.next(), 2) + big_endian(random.next(), 4) + some_parameters(random));
    case 10:
      return chunk(static_cast<std::uint8_t>(random.chance(50) ? 10 : 11), 0, noise(random, 400));  // COOKIE
    case 11:
      return chunk(9, 0, some_parameters(random));  // ERROR
    case 12:
      return chunk(random.chance(50) ? 0xC1 : 0x80, 0, big_endian(tsn, 4) + some_parameters(random));  // ASCONF
    case 13: {
      constexpr std::uint8_t enders[] = {6, 7, 8, 14, 192, 194};
      return random.chance(90) ? chunk(12, 0, big_endian(random.next(), 4))
                               : chunk(random.pick(enders), random.octet(), big_endian(random.next(), 4));
    }
    case 14:
      return chunk(static_cast<std::uint8_t>(random.chance(50) ? 15 : 129), 0, noise(random, 40));  // AUTH, PKTDROP
    default:
      return chunk(random.octet(), random.octet(), noise(random, 100));
  }
}

// --- DTLS (RFC 6347) ---

std::string record(Random& random, std::uint8_t type, const std::string& content) {
  const char* const version = random.chance(85) ? "\xfe\xfd" : random.chance(50) ? "\xfe\xff" : "\x03\x03";
  return big_endian(type, 1) + version + big_endian(random.chance(90) ? 0 : random.below(3), 2) +
         big_endian(random.chance(80) ? random.below(50) : random.next(), 6) +
         big_endian(random.chance(95) ? content.size() : random.next(), 2) + content;
}

std::string handshake_fragment(Random& random) {
  constexpr std::uint8_t types[] = {0, 1, 1, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 22, 24, 254};
  std::string content;
  const auto type = random.pick(types);
  if (type == 1) {
    content = "\xfe\xfd" + noise(random, 32);
    content.resize(34);
    content +=
        big_endian(random.below(33), 1) + noise(random, 40) + big_endian(random.below(20), 2) + noise(random, 60);
  } else {
    content = noise(random, random.chance(95) ? 80 : 900);
  }
  const std::uint64_t whole = random.chance(50) ? content.size() : random.below(random.chance(90) ? 20'000 : 1U << 24U);
  const std::uint64_t offset = random.chance(60) ? 0 : random.below(random.chance(80) ? 2000 : 1U << 24U);
  const std::uint64_t part = random.chance(90) ? content.size() : random.below(1U << 24U);
  return big_endian(type, 1) + big_endian(whole, 3) +
         big_endian(random.chance(70) ? random.below(4) : random.next(), 2) + big_endian(offset, 3) +
         big_endian(part, 3) + content;
}

}  // namespace

std::string big_endian(std::uint64_t value, int octets) {
  std::string text;
  for (int left = octets; left > 8; --left) text += '\0';  // A value has eight octets, a field may be wider.
  for (int shift = 8 * (std::min(octets, 8) - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xffU);
  }
  return text;
}

std::string with_checksum(std::string packet) {
  if (packet.size() < channel::kSctpHeaderSize) return packet;
  channel::stamp_checksum({reinterpret_cast<std::uint8_t*>(packet.data()), packet.size()});
  return packet;
}

std::string sctp_packet(Random& random, std::uint32_t tag, std::uint32_t tsn) {
  std::string packet = big_endian(random.chance(98) ? 5000 : random.next(), 2) +
                       big_endian(random.chance(98) ? 5000 : random.next(), 2) +
                       big_endian(random.chance(95) ? tag : 0, 4) + std::string(4, '\0');
  for (std::size_t i = 1 + random.below(random.chance(90) ? 2 : 10); i > 0; --i) packet += some_chunk(random, tsn++);
  if (random.chance(25)) packet = packet.substr(0, 12) + spoiled_octets(random, packet.substr(12));
  if (packet.size() > 1150) packet.resize(1150);
  return random.chance(99) ? with_checksum(std::move(packet)) : packet;
}

std::string dtls_records(Random& random) {
  std::string datagram;
  for (std::size_t i = 1 + random.below(random.chance(90) ? 2 : 12); i > 0; --i) {
    switch (random.below(8)) {
      case 0:
        datagram += record(random, 20, random.chance(80) ? "\x01" : noise(random, 4));
        break;
      case 1:
        datagram += record(random, 21, big_endian(1 + random.below(2), 1) + big_endian(random.octet(), 1));
        break;
      case 2:
        datagram += record(random, 23, noise(random, 200));
        break;
      case 3:
        datagram += record(random, random.octet(), noise(random, 60));
        break;
      default:
        datagram += record(random, 22, handshake_fragment(random));
    }
  }
  return random.chance(20) ? spoiled_octets(random, std::move(datagram)) : datagram;
}

std::string stun_datagram(Random& random, const std::string& username, const std::string& password) {
  channel::test::StunRequest request;
  request.username = random.chance(90) ? username : odd_text(random);
  request.password = random.chance(90) ? password : "wrong";
  request.use_candidate = random.chance(50);
  request.ice_controlled = random.chance(10);
  request.ice_controlling = random.chance(90);
  request.fingerprint = random.chance(90);
  constexpr std::uint16_t types[] = {0x0011, 0x0101, 0x0111, 0x0003, 0x0000};
  if (random.chance(10)) request.type = random.pick(types);
  for (char& c : request.transaction_id) c = static_cast<char>(random.octet());
  for (std::size_t i = random.below(random.chance(95) ? 3 : 100); i > 0; --i) {
    request.extra +=
        channel::test::stun_attribute(static_cast<std::uint16_t>(random.next() & 0x80ffU), noise(random, 20));
  }
  auto datagram = request.to_bytes();
  return random.chance(25) ? spoiled_octets(random, std::move(datagram)) : datagram;
}

std::string media_datagram(Random& random) {
  switch (random.below(4)) {
    case 0:
      return big_endian(0x80, 1) + big_endian(random.below(128), 1) + big_endian(random.next(), 2) + noise(random, 200);
    case 1:
      return big_endian(0x81, 1) + big_endian(200 + random.below(8), 1) + big_endian(random.below(40), 2) +
             noise(random, 100);
    case 2:
      return dtls_records(random);
    default:
      return noise(random, random.chance(98) ? 60 : 60'000);
  }
}

}  // namespace clued::fuzz
