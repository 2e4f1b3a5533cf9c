// `media.video_codecs: []`: a focus for sound, with all of CLUE that there is for it.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

focus::Policy sound_alone() {
  auto policy = VirtualWorld::default_policy();
  policy.media.video_codecs.clear();
  return policy;
}

class WithoutVideo : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }

  /// Lines of that kind that are not refused, in everything that the focus has said to it.
  static std::size_t lines(const VirtualEndpoint& endpoint, const std::string& media) {
    auto said = endpoint.offers();
    said.push_back(endpoint.answer_sdp());
    for (const auto& invite : endpoint.invites()) said.push_back(invite.sdp);
    std::size_t count = 0;
    for (const auto& text : said) {
      if (text.empty()) continue;
      const auto description = *sdp::parse(text);
      for (const auto& line : description.media) count += line.media == media && line.is_enabled() ? 1 : 0;
    }
    return count;
  }

  static std::vector<std::string> captures(const VirtualEndpoint& endpoint) {
    std::vector<std::string> ids;
    for (const auto& capture : endpoint.last_advertisement().captures) ids.push_back(capture.id);
    return ids;
  }

  VirtualWorld world{sound_alone()};
};

TEST_F(WithoutVideo, AudioAndClueWork) {
  auto& alice = world.join("alice");
  auto& bob = world.join("bob", {.cameras = 3});
  auto& carl = world.join("carl", {.telepresence = false});
  world.advance(5s);
  for (const auto* one : {&alice, &bob, &carl}) {
    EXPECT_EQ(lines(*one, "video"), 0U) << one->name();
    EXPECT_GT(lines(*one, "audio"), 0U) << one->name();
  }
  EXPECT_TRUE(alice.has_clue() && bob.has_clue());
  EXPECT_THAT(captures(alice), ElementsAre("p2-a1", "p3-a1", "mcc-a0"));
  EXPECT_THAT(captures(bob), ElementsAre("p1-a1", "p3-a1", "mcc-a0"));
  EXPECT_THAT(alice.configured(), SizeIs(1)) << "its microphone";
  EXPECT_THAT(bob.configured(), SizeIs(1));
  bob.advertise(1);
  alice.refer_bye(carl);
  world.advance(5s);
  EXPECT_THAT(captures(alice), ElementsAre("p2-a1", "mcc-a0"));
  EXPECT_EQ(lines(alice, "video"), 0U);
  world.advance(1h);
  EXPECT_EQ(world.focus().census().participants, 2U);
}

TEST_F(WithoutVideo, WhoIsCalledIsOfferedNone) {
  auto& alice = world.join("alice");
  auto& bob = world.endpoint("bob");
  alice.refer_invite("bob");
  world.advance(5s);
  EXPECT_TRUE(bob.has_clue());
  EXPECT_EQ(lines(bob, "video"), 0U);
  EXPECT_GT(lines(bob, "audio"), 0U);
  EXPECT_THAT(captures(alice), ElementsAre("p2-a1", "mcc-a0"));
  auto& carl = world.join("carl", {.offerless = true});
  world.advance(5s);
  EXPECT_TRUE(carl.has_clue());
  EXPECT_EQ(lines(carl, "video"), 0U);
}

}  // namespace
}  // namespace clued::testing
