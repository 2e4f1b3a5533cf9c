#include "channel/sctp_packet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "channel/crc32c.hpp"

namespace clued::channel {
namespace {

std::vector<std::uint8_t> packet_with(std::vector<std::uint8_t> chunks) {
  std::vector<std::uint8_t> packet(kSctpHeaderSize + chunks.size(), 0);
  std::copy(chunks.begin(), chunks.end(), packet.begin() + kSctpHeaderSize);
  set_ports(packet, {5000, 6000});
  stamp_checksum(packet);
  return packet;
}

TEST(Crc32c, IsThatOfRfc3720) {
  // RFC 3720 appendix B.4.
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\0'))), 0x8A9136AAU);
  EXPECT_EQ(crc32c(bytes_of(std::string(32, '\xff'))), 0x62A8AB43U);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, IsTheSameByTableAndInParts) {
  std::string text;
  for (int i = 0; i < 1200; ++i) {
    text += static_cast<char>(i * 7);
    const Bytes bytes = bytes_of(text);
    ASSERT_EQ(crc32c(bytes), crc32c_by_table(bytes)) << "length " << text.size();
    const std::size_t cut = text.size() / 3;
    ASSERT_EQ(crc32c(bytes), crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))));
  }
}

TEST(SctpPacket, KeepsPortsAndChecksum) {
  auto packet = packet_with({1, 2, 3, 4});
  EXPECT_EQ(sctp_ports(packet).source, 5000);
  EXPECT_EQ(sctp_ports(packet).destination, 6000);
  EXPECT_TRUE(has_valid_checksum(packet));
  for (std::size_t i = 0; i < packet.size(); ++i) {
    auto damaged = packet;
    damaged[i] ^= 0x10;
    EXPECT_FALSE(has_valid_checksum(damaged)) << "octet " << i;
  }
  EXPECT_FALSE(has_valid_checksum(Bytes(packet).first(11)));
  EXPECT_FALSE(has_valid_checksum({}));
}

TEST(SctpPacket, ShowsItsChunks) {
  EXPECT_FALSE(scan_chunks(packet_with({0, 3, 0, 5, 'a', 0, 0, 0})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0, 3, 0, 5, 'a', 0, 0, 0, 6, 0, 0, 4})).abort);
  EXPECT_TRUE(scan_chunks(packet_with({0xC0, 0, 0, 8, 0, 0, 0, 1})).forward_tsn);
  EXPECT_TRUE(scan_chunks(packet_with({0xC2, 0, 0, 8, 0, 0, 0, 1})).forward_tsn);
  EXPECT_FALSE(scan_chunks(packet_with({3, 0, 0, 4})).forward_tsn);
  EXPECT_FALSE(scan_chunks(packet_with({})).malformed);
}

TEST(SctpPacket, WithImpossibleLengthsIsMalformed) {
  EXPECT_TRUE(scan_chunks(packet_with({0, 3, 0, 0})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0, 3, 0, 3})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0, 3, 0, 5})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0, 3, 0xFF, 0xFF, 1, 2, 3, 4})).malformed);
  // Parameters of INIT, and of others.
  const auto init = [](std::vector<std::uint8_t> parameters) {
    std::vector<std::uint8_t> chunk(20, 1);
    chunk[2] = 0;
    chunk[3] = static_cast<std::uint8_t>(20 + parameters.size());
    chunk.insert(chunk.end(), parameters.begin(), parameters.end());
    return packet_with(chunk);
  };
  EXPECT_FALSE(scan_chunks(init({})).malformed);
  EXPECT_FALSE(scan_chunks(init({0x80, 8, 0, 5, 0xC1, 0, 0, 0, 0xC0, 0, 0, 4})).malformed);
  EXPECT_TRUE(scan_chunks(init({0, 5, 0, 0})).malformed);
  EXPECT_TRUE(scan_chunks(init({0xC0, 0, 0, 4, 0, 5, 0, 3})).malformed);
  EXPECT_TRUE(scan_chunks(init({0, 5, 0, 8, 127, 0, 0})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({9, 0, 0, 8, 0, 1, 0, 0})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0x82, 0, 0, 8, 0, 13, 0, 2})).malformed);
  EXPECT_TRUE(scan_chunks(packet_with({0xC1, 0, 0, 12, 0, 0, 0, 1, 0, 5, 0, 0})).malformed);
  // The last chunk's padding may be missing.
  EXPECT_FALSE(scan_chunks(packet_with({0, 3, 0, 5, 'a'})).malformed);
}

}  // namespace
}  // namespace clued::channel
