// What an operator reads: the log of a conference at info, where the life of a participant is as long among eighty as
// among eight, and one Call-ID tells the whole story of a removal.
#include <algorithm>
#include <map>
#include <vector>

#include "support/scenario.hpp"

namespace clued::testing {
namespace {

focus::Policy last_leaves() {
  auto policy = VirtualWorld::default_policy();
  policy.conference.end_when = focus::EndWhen::last_leaves;
  return policy;
}

std::string value_of(const std::string& line, const std::string& key) {
  const auto at = (" " + line).find(" " + key + "=");
  if (at == std::string::npos) return {};
  const auto start = at + key.size() + 1;
  return line.substr(start, line.find(' ', start) - start);
}

/// Everybody joins, and leaves in the same order: so many rooms, then the telephones.
void run_conference(VirtualWorld& world, std::size_t rooms, std::size_t phones) {
  std::vector<VirtualEndpoint*> everybody;
  for (std::size_t n = 0; n < rooms + phones; ++n) {
    everybody.push_back(&world.join("ue" + std::to_string(n), {.telepresence = n < rooms, .cameras = 1}));
    world.advance(1s);
  }
  for (auto* one : everybody) {
    one->bye();
    world.advance(1s);
  }
}

/// The lines at info of the participant that has most of them.
std::vector<std::string> longest_life(const VirtualWorld& world) {
  std::map<std::string, std::vector<std::string>> lives;
  for (const auto& line : world.lines(base::Severity::info)) {
    if (const auto participant = value_of(line, "participant"); !participant.empty())
      lives[participant].push_back(line);
  }
  std::vector<std::string> longest;
  for (const auto& [participant, lines] : lives) {
    if (lines.size() > longest.size()) longest = lines;
  }
  return longest;
}

TEST(Logging, TheLifeOfAParticipantIsAsLongAmongEightyAsAmongEight) {
  VirtualWorld eight(last_leaves()), eighty(last_leaves());
  run_conference(eight, 8, 0);
  run_conference(eighty, 8, 72);
  const auto few = longest_life(eight), many = longest_life(eighty);
  EXPECT_THAT(few, SizeIs(::testing::Gt(8U)));
  const auto kinds_of = [](const std::vector<std::string>& lines) {
    std::map<std::string, std::size_t> kinds;
    for (const auto& line : lines) ++kinds[line.substr(0, line.find(' '))];
    return kinds;
  };
  // Among so many something is left out and refused, which is said once.
  auto expected = kinds_of(few);
  for (const auto& [kind, count] : kinds_of(many)) {
    EXPECT_LE(count, std::max<std::size_t>(expected[kind], 1)) << kind << "\n" << ::testing::PrintToString(many);
  }
}

// What was said to it because of the others is summed up in its last record.
TEST(Logging, TheLastRecordSumsUpWhatIsNotSaidAtInfo) {
  VirtualWorld world(last_leaves());
  run_conference(world, 4, 0);
  const auto gone = world.records("participant.gone");
  ASSERT_THAT(gone, SizeIs(4));
  const auto sent = world.records("advertisement.sent"), offers = world.records("offer.sent");
  const auto of_first = [](const std::string& line) { return value_of(line, "participant") == "p1"; };
  EXPECT_EQ(value_of(gone.front(), "advertisements"),
            std::to_string(std::count_if(sent.begin(), sent.end(), of_first)));
  EXPECT_EQ(value_of(gone.front(), "offers"), std::to_string(std::count_if(offers.begin(), offers.end(), of_first)));
  EXPECT_GE(std::stoul(value_of(gone.front(), "advertisements")), 3U);
  EXPECT_GE(std::stoul(value_of(gone.front(), "ms")), 4000U);
}

// Also of one that was called: its time begins when that was asked for.
TEST(Logging, TheLifeOfACalleeIsCountedFromWhenItWasToBeCalled) {
  VirtualWorld world(last_leaves());
  auto& alice = world.join("alice");
  world.advance(1h);
  world.endpoint("bob", {.refuses_call = 486});
  auto& carol = world.endpoint("carol");
  for (const auto* name : {"bob", "carol"}) {
    alice.refer_invite(name);
    world.advance(3s);
  }
  carol.bye();
  world.advance(1s);
  const auto gone = world.records("participant.gone");
  ASSERT_THAT(gone, SizeIs(2));
  EXPECT_LE(std::stoul(value_of(gone[0], "ms")), 3000U) << gone[0];
  EXPECT_GE(std::stoul(value_of(gone[1], "ms")), 3000U) << gone[1];
  EXPECT_LE(std::stoul(value_of(gone[1], "ms")), 4000U) << gone[1];
}

TEST(Logging, OneCallIdTellsTheStoryOfARemoval) {
  VirtualWorld world;
  auto& alice = world.join("alice", {.cameras = 3});
  auto& bob = world.join("bob", {.cameras = 2});
  world.join("carol", {.cameras = 1});
  alice.refer_bye(bob);
  world.advance(1s);

  const auto call_id = value_of(world.records("participant.leaving").front(), "call_id");
  std::vector<std::string> story;
  for (const auto& line : world.lines(base::Severity::info)) {
    if (line.find(call_id) != std::string::npos) story.push_back(line.substr(0, line.find(' ')));
  }
  EXPECT_THAT(story, ElementsAre("participant.invited", "participant.answered", "participant.joined", "channel.ready",
                                 "clue.activated", "advertisement.received", "refer.accepted", "participant.leaving",
                                 "channel.closing", "removal.started", "channel.removed", "participant.gone",
                                 "removal.converged"))
      << world.story();
  const auto refer = value_of(world.records("refer.accepted").front(), "call_id");
  EXPECT_EQ(value_of(world.records("participant.leaving").front(), "refer"), refer);
}

TEST(Logging, TheStatusOfWhoIsGoneIsItsAnswerToTheBye) {
  VirtualWorld world;
  auto& alice = world.join("alice", {.cameras = 3});
  auto& bob = world.join("bob", {.cameras = 2});
  alice.refer_bye(bob);
  world.advance(40s);
  auto& dave = world.join("dave", {.cameras = 1, .bye_unanswered = true});
  alice.refer_bye(dave);
  world.advance(40s);
  const auto gone = world.records("participant.gone");
  ASSERT_THAT(gone, SizeIs(2));
  EXPECT_EQ(value_of(gone.front(), "status"), "200");
  EXPECT_EQ(value_of(gone.back(), "status"), "408");
}

// What nobody may do is told with what was asked for.
TEST(Logging, ARefusalNamesWhatWasAskedFor) {
  VirtualWorld world;
  auto& alice = world.join("alice", {.telepresence = false});
  auto& bob = world.join("bob", {.telepresence = false});
  bob.refer_bye(alice);
  world.settle();
  EXPECT_THAT(world.records("refer.refused"), ElementsAre(HasSubstr("target=sip:alice@")));
  world.endpoint("eve", {.telepresence = false}).invite("conf-nobody");
  world.settle();
  EXPECT_THAT(world.records("invite.refused"), ElementsAre(HasSubstr("uri=sip:conf-nobody@")));
}

}  // namespace
}  // namespace clued::testing
