// Offers that cannot be taken as they are: one odd line costs what it says, what cannot be had at all is refused with
// the reason on the wire, and nobody is offered what it has shown it cannot take.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

constexpr const char* head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
constexpr const char* audio = "m=audio 6000 RTP/AVP 0\r\na=mid:0\r\n";

class OddOffers : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }
  VirtualEndpoint& caller(const std::string& sdp) {
    auto& caller = world.endpoint("bob", {.telepresence = false});
    caller.invite_with(sdp, world.conference());
    world.advance(1s);
    return caller;
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice");
};

TEST_F(OddOffers, AnOddLineCostsOnlyWhatItSays) {
  auto& bob = caller(std::string("v=0\no=whatever\nc=IN IP4 127.0.0.1\nt=now\nq=?\nb=\na=\na=group CLUE 3\n") +
                     "m=audio 6000 RTP/AVP 0 \nk=clear:x\nm=video\nm=audio 70000 RTP/AVP 0\nm=video 6002 RTP/AVP\n" +
                     "m=audio 6004 RTP/AVP 0\nc=IN IP4 nowhere/at/all");
  EXPECT_THAT(bob.responses(), ElementsAre(200));
  for (const char* line : {"m=audio 4", "\r\nm=video 0 ", "\r\nm=audio 0 "}) {
    EXPECT_THAT(bob.answer_sdp(), HasSubstr(line));
  }
  EXPECT_THAT(world.records("sdp.remarked"), ElementsAre(HasSubstr("line 8: an attribute without a usable name")));
  EXPECT_THAT(world.records("sdp.remarked"), ElementsAre(HasSubstr("m= has no usable port")));
}

TEST_F(OddOffers, WhatIsNoSessionDescriptionIsTold) {
  auto& bob = caller("<sdp/>");
  EXPECT_THAT(bob.responses(), ElementsAre(400));
  ASSERT_TRUE(bob.last_response().warning);
  EXPECT_EQ(bob.last_response().warning->code, focus::Warning::miscellaneous);
  EXPECT_THAT(bob.last_response().warning->text, StartsWith("SDP line 1: "));
}

TEST_F(OddOffers, WhatCannotBeHadAtFirstIsToldByItsKind) {
  auto& bob = caller(std::string(head) + "m=audio 6000 RTP/SAVP 0\r\n");
  EXPECT_THAT(bob.responses(), ElementsAre(488));
  ASSERT_TRUE(bob.last_response().warning);
  EXPECT_EQ(bob.last_response().warning->code, focus::Warning::transport);
  EXPECT_THAT(bob.last_response().warning->text, HasSubstr("m-line 1: the transport profile is not supported"));
}

TEST_F(OddOffers, WhatCannotBeHadLaterLeavesTheSession) {
  auto& bob = caller(std::string(head) + audio);
  const auto ports = world.open_ports();
  const std::pair<const char*, int> offers[] = {
      {"m=audio 0 RTP/AVP 0\r\na=mid:0\r\nm=image 6004 udptl t38\r\n", focus::Warning::media_type},
      {"m=audio 6000 RTP/SAVP 0\r\n", focus::Warning::transport},
      {"m=audio 6000 RTP/AVP 18\r\n", focus::Warning::media_format}};
  for (const auto& [lines, code] : offers) {
    bob.reinvite_with(std::string(head) + lines);
    world.advance(1s);
    EXPECT_EQ(bob.responses().back(), 488) << lines;
    ASSERT_TRUE(bob.last_response().warning);
    EXPECT_EQ(bob.last_response().warning->code, code);
    EXPECT_EQ(world.open_ports(), ports);
  }
  bob.reinvite_with("no session description");
  world.advance(1s);
  EXPECT_EQ(bob.responses().back(), 400);
  EXPECT_TRUE(bob.last_response().warning);
  EXPECT_FALSE(bob.bye_received());
  bob.reinvite_with(std::string(head) + audio);
  world.advance(1s);
  EXPECT_EQ(bob.responses().back(), 200) << "goes on";
  EXPECT_THAT(world.records("offer.rejected"), SizeIs(4));
}

// A room that takes nothing but encrypted media joins with its CLUE channel alone, until media are encrypted here too.
TEST_F(OddOffers, WhoOffersEncryptedMediaAloneIsNeverOfferedOthers) {
  auto& bob = world.endpoint("bob", {.cameras = 2, .encrypted = true});
  bob.invite(world.conference());
  world.advance(60s);
  EXPECT_TRUE(bob.has_clue());
  EXPECT_THAT(bob.offers(), IsEmpty());
  world.join("carol", {.cameras = 3});
  world.advance(60s);
  EXPECT_THAT(bob.offers(), IsEmpty()) << "whoever joins";
  EXPECT_GE(bob.advertisements(), 2U) << "but what there is it is told";
  EXPECT_THAT(world.records("offer.sent"), Not(Contains(HasSubstr("participant=p2"))));
}

}  // namespace
}  // namespace clued::testing
