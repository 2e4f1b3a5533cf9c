#include "channel/candidate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace clued::channel {
namespace {

TEST(Candidate, IsReadFromSdp) {
  const auto candidate =
      read_candidate("1 1 UDP 2130706431 192.0.2.1 3478 typ srflx raddr 10.0.1.1 rport 8998 generation 0");
  ASSERT_TRUE(candidate.has_value());
  EXPECT_EQ(candidate->foundation, "1");
  EXPECT_EQ(candidate->priority, 2130706431U);
  EXPECT_EQ(candidate->address, "192.0.2.1");
  EXPECT_EQ(candidate->port, 3478);
  EXPECT_EQ(candidate->type, CandidateType::server_reflexive);
  EXPECT_EQ(candidate->related_address, "10.0.1.1");
  EXPECT_EQ(candidate->related_port, 8998);
  EXPECT_EQ(read_candidate("a+/9 1 udp 1 2001:db8::1 9000 typ host")->address, "2001:db8::1");
  EXPECT_EQ(read_candidate("candidate:1 1 udp 1 192.0.2.1 9000 typ relay")->type, CandidateType::relayed);
  EXPECT_EQ(read_candidate("1 1 udp 1 192.0.2.1 9000 typ prflx raddr")->related_address, "");
}

TEST(Candidate, OfNoUseToUsIsIgnored) {
  for (const char* const value : {
           "1 1 UDP 2130706431 4bc1a0e7-27a0-4a07-8b27-3d6b5e1cc1f9.local 54321 typ host",  // mDNS (RFC 8828)
           "1 1 UDP 2130706431 host.example.net 54321 typ host",
           "1 1 TCP 2105458943 192.0.2.1 9 typ host tcptype active",
           "1 2 UDP 2130706430 192.0.2.1 3479 typ host",
           "1 1 UDP 2130706431 0.0.0.0 3478 typ host",
           "1 1 UDP 2130706431 224.0.0.1 3478 typ host",
           "1 1 UDP 2130706431 ff02::1 3478 typ host",
           "1 1 UDP 2130706431 fe80::1%eth0 3478 typ host",
           "1 1 UDP 2130706431 192.0.2.1 0 typ host",
           "1 1 UDP 2130706431 192.0.2.1 65536 typ host",
           "1 1 UDP 0 192.0.2.1 3478 typ host",
           "1 1 UDP 4294967296 192.0.2.1 3478 typ host",
           "1 1 UDP -1 192.0.2.1 3478 typ host",
           "1 1 UDP 1 192.0.2.1 3478 typ magic",
           "1 1 UDP 1 192.0.2.1 3478 host",
           "1 1 UDP 1 192.0.2.1",
           "1",
           "",
       }) {
    EXPECT_FALSE(read_candidate(value).has_value()) << value;
  }
  EXPECT_FALSE(read_candidate(std::string(33, 'f') + " 1 UDP 1 192.0.2.1 3478 typ host").has_value());
}

TEST(RemoteCandidates, AreBounded) {
  sdp::DataChannel remote;
  for (int i = 1; i <= 100; ++i) {
    remote.candidates.push_back("1 1 UDP 1 192.0.2." + std::to_string(i) + " 3478 typ host");
  }
  const RemoteCandidates read = remote_candidates(remote);
  EXPECT_EQ(read.usable.size(), 32U);
  EXPECT_EQ(read.ignored, 68U);
}

TEST(RemoteCandidates, FallBackToTheDefaultOne) {
  sdp::DataChannel remote;
  remote.address = "192.0.2.7";
  remote.port = 4000;
  remote.candidates = {"1 1 UDP 1 some.local 3478 typ host"};
  const RemoteCandidates read = remote_candidates(remote);
  ASSERT_EQ(read.usable.size(), 1U);
  EXPECT_EQ(read.usable[0].address, "192.0.2.7");
  EXPECT_EQ(read.usable[0].port, 4000);
}

TEST(RemoteCandidates, AreNoneWhenTheDefaultOneIsADummy) {
  sdp::DataChannel remote;
  remote.address = "0.0.0.0";
  remote.port = 9;
  EXPECT_TRUE(remote_candidates(remote).usable.empty());
  remote.address = "192.0.2.7";
  EXPECT_TRUE(remote_candidates(remote).usable.empty()) << "port 9 is the dummy of RFC 8840";
  remote.address = "";
  remote.port = 4000;
  EXPECT_TRUE(remote_candidates(remote).usable.empty());
}

}  // namespace
}  // namespace clued::channel
