// One participant holds its own call (IMS-06, TS 24.605): nobody else is told or asked anything.
#include "sdp/session_description.hpp"
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

struct Held {
  const char* name;
  bool telepresence;
  const char* how;
};

class Hold : public ::testing::TestWithParam<Held> {};

INSTANTIATE_TEST_SUITE_P(Each, Hold,
                         ::testing::Values(Held{"RoomSendonly", true, "sendonly"},
                                           Held{"RoomInactive", true, "inactive"}, Held{"RoomZero", true, "0.0.0.0"},
                                           Held{"PhoneSendonly", false, "sendonly"},
                                           Held{"PhoneInactive", false, "inactive"},
                                           Held{"PhoneZero", false, "0.0.0.0"}),
                         [](const auto& one) { return one.param.name; });

TEST_P(Hold, OfOneParticipantDoesNotConcernTheOthers) {
  VirtualWorld world;
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.telepresence = GetParam().telepresence});
  auto& carol = world.join("carol");
  world.advance(5s);
  const auto seen = [](const VirtualEndpoint& one) { return one.messages().size() + one.offers().size(); };
  const auto alice_before = seen(alice), carol_before = seen(carol), bob_offers = bob.offers().size();

  for (const auto* how : {GetParam().how, "sendrecv"}) {
    bob.hold(how);
    world.advance(5s);
    EXPECT_EQ(bob.responses().back(), 200) << how;
    EXPECT_EQ(seen(alice), alice_before) << how;
    EXPECT_EQ(seen(carol), carol_before) << how;
    EXPECT_EQ(bob.offers().size(), bob_offers) << "and is not asked to come back";
    EXPECT_FALSE(bob.is_over());
    const auto answer = sdp::parse(bob.answer_sdp());
    ASSERT_TRUE(answer);
    const auto expected = std::string(how) == "sendrecv"   ? sdp::Direction::sendrecv
                          : std::string(how) == "inactive" ? sdp::Direction::inactive
                                                           : sdp::Direction::recvonly;
    if (GetParam().telepresence) continue;  // its m-lines are those of CLUE by now
    EXPECT_EQ(answer->direction_of(answer->media[0]), expected);
  }
  EXPECT_THAT(world.violations(), IsEmpty());
  if (HasFailure()) std::cout << world.story();
}

}  // namespace
}  // namespace clued::testing
