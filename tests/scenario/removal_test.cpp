// The main scenario of the requirements (9.2) and its variants, in virtual time.
#include "clue/validation.hpp"
#include "sdp/session_description.hpp"
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

class Removal : public ::testing::Test {
 protected:
  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 3});
  VirtualEndpoint& bob = world.join("bob", {.cameras = 2});
  VirtualEndpoint& carol = world.join("carol", {.cameras = 1});

  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
    for (const auto* one : {&alice, &bob, &carol}) {
      for (const auto& message : one->messages()) {
        const auto decoded = clue::decode(message);
        ASSERT_TRUE(decoded) << decoded.error().reason;
        if (const auto* advertisement = std::get_if<clue::Advertisement>(&*decoded)) {
          const auto valid = clue::validate(advertisement->content);
          EXPECT_TRUE(valid) << valid.error().reason << "\n" << message;
        }
      }
    }
  }

  /// Capture ids of the others that the endpoint knows of.
  static std::vector<std::string> known_captures(const VirtualEndpoint& endpoint) {
    std::vector<std::string> ids;
    for (const auto& capture : endpoint.last_advertisement().captures) {
      if (capture.id.rfind("mcc-", 0) != 0) ids.push_back(capture.id);
    }
    return ids;
  }

  static std::size_t enabled_lines(const std::string& sdp) {
    std::size_t count = 0;
    const auto description = sdp::parse(sdp);
    for (const auto& line : description->media) count += line.is_enabled() ? 1 : 0;
    return count;
  }
};

TEST_F(Removal, EverybodyKnowsEverybodyElsesCapturesAndNotItsOwn) {
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1", "p3-v1", "p3-a1"));
  EXPECT_THAT(known_captures(bob), ElementsAre("p1-v1", "p1-v2", "p1-v3", "p1-a1", "p3-v1", "p3-a1"));
  EXPECT_THAT(known_captures(carol), ElementsAre("p1-v1", "p1-v2", "p1-v3", "p1-a1", "p2-v1", "p2-v2", "p2-a1"));
}

TEST_F(Removal, CreatorRemovesCarolAndTheOthersAreRefreshed) {
  const auto alice_before = alice.messages().size();
  const auto bob_before = bob.messages().size();
  alice.refer_bye(carol);
  world.advance(1s);

  EXPECT_THAT(world.refer_answers(), ElementsAre(200));
  ASSERT_TRUE(carol.bye_received());
  EXPECT_EQ(carol.bye_received()->reason.text, "Removed from conference");
  EXPECT_EQ(carol.bye_received()->referred_by, "<sip:alice@ims.example.net>");
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1"));
  EXPECT_THAT(known_captures(bob), ElementsAre("p1-v1", "p1-v2", "p1-v3", "p1-a1"));
  for (auto i = alice_before; i < alice.messages().size(); ++i) EXPECT_THAT(alice.messages()[i], Not(HasSubstr("p3-")));
  for (auto i = bob_before; i < bob.messages().size(); ++i) EXPECT_THAT(bob.messages()[i], Not(HasSubstr("p3-")));

  ASSERT_THAT(world.notifies(), SizeIs(2));
  EXPECT_EQ(world.notifies()[0].status, 100);
  EXPECT_FALSE(world.notifies()[0].terminated);
  EXPECT_EQ(world.notifies()[1].status, 200);
  EXPECT_TRUE(world.notifies()[1].terminated);
  EXPECT_EQ(world.focus().census().participants, 2U);
  EXPECT_EQ(world.open_channels(), 2U);
  EXPECT_EQ(world.focus().census().open_refers, 0U);
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
}

TEST_F(Removal, TheChannelGoesAfterTheByeAndTheAdvertisementBeforeTheOffer) {
  const auto alice_before = alice.history().size();
  alice.refer_bye(carol);
  world.advance(1s);

  const auto& last_of_carol = carol.history();
  ASSERT_GE(last_of_carol.size(), 2U);
  EXPECT_EQ(last_of_carol[last_of_carol.size() - 2], "bye");
  EXPECT_EQ(last_of_carol.back(), "channel closed");

  const std::vector<std::string> after(alice.history().begin() + static_cast<std::ptrdiff_t>(alice_before),
                                       alice.history().end());
  const auto advertised = std::find(after.begin(), after.end(), "advertisement");
  const auto offered = std::find(after.begin(), after.end(), "reinvite");
  ASSERT_NE(advertised, after.end());
  ASSERT_NE(offered, after.end());
  EXPECT_LT(advertised - after.begin(), offered - after.begin());
}

TEST_F(Removal, TheDepartureShrinksTheSession) {
  const auto before = enabled_lines(alice.offers().back());
  const auto lines = sdp::parse(alice.offers().back())->media.size();
  alice.refer_bye(carol);
  world.advance(1s);
  EXPECT_EQ(enabled_lines(alice.offers().back()), before - 1);
  EXPECT_EQ(sdp::parse(alice.offers().back())->media.size(), lines);
}

TEST_F(Removal, OutOfDialogWithTargetDialogIsAsGood) {
  alice.refer_bye(carol, false);
  world.advance(1s);
  EXPECT_TRUE(carol.bye_received());
  ASSERT_THAT(world.notifies(), SizeIs(2));
}

TEST_F(Removal, WhoIsNotTheCreatorMayRemoveOnlyItself) {
  bob.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.bye_received());
  EXPECT_EQ(bob.responses().back(), 403);
  bob.refer_bye(bob);
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
}

TEST_F(Removal, AnUnknownTargetIs404ForTheCreatorAnd403ForOthers) {
  auto& nobody = world.endpoint("nobody");
  alice.refer_bye(nobody);
  bob.refer_bye(nobody);
  world.advance(1s);
  EXPECT_EQ(alice.responses().back(), 404);
  EXPECT_EQ(bob.responses().back(), 403);
}

TEST_F(Removal, ASecondReferCostsNoSecondByeAndIsAnsweredToo) {
  carol.traits.bye_unanswered = true;
  alice.refer_bye(carol);
  alice.refer_bye(carol);
  world.advance(1s);
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200));
  EXPECT_THAT(world.notifies(), SizeIs(2));
  world.advance(40s);
  EXPECT_THAT(world.notifies(), SizeIs(4));
}

TEST_F(Removal, ASilentTargetDelaysOnlyTheLastWordToTheReferrer) {
  carol.traits.bye_unanswered = true;
  alice.refer_bye(carol);
  world.advance(500ms);
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1"));
  EXPECT_THAT(known_captures(bob), Not(Contains(HasSubstr("p3-"))));
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
  EXPECT_THAT(world.notifies(), SizeIs(1));
  world.advance(40s);
  ASSERT_THAT(world.notifies(), SizeIs(2));
  EXPECT_EQ(world.notifies()[1].status, 200);
  EXPECT_EQ(world.focus().census().participants, 2U);
}

TEST_F(Removal, ACrossingByeIsOneDeparture) {
  alice.refer_bye(carol);
  carol.bye();
  world.advance(1s);
  EXPECT_THAT(world.records("participant.leaving"), SizeIs(1));
  EXPECT_THAT(world.notifies(), SizeIs(2));
  EXPECT_THAT(known_captures(bob), Not(Contains(HasSubstr("p3-"))));
}

TEST_F(Removal, AFrozenChannelDelaysNobodyElse) {
  bob.traits.clue_frozen = true;
  alice.refer_bye(carol);
  world.advance(500ms);
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1"));
  EXPECT_THAT(world.records("removal.converged"), IsEmpty());
  EXPECT_THAT(world.notifies(), SizeIs(2));
  world.advance(60s);  // the guard (CP-21) stops waiting for it
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
}

TEST_F(Removal, AFrozenUserAgentIsFoundDeadByItsReinvite) {
  bob.traits.sip_frozen = true;
  alice.refer_bye(carol);
  world.advance(500ms);
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1"));
  world.post(focus::event::ReinviteAnswered{bob.dialog(), 408, "timeout"});
  world.advance(1s);
  EXPECT_THAT(known_captures(alice), IsEmpty());
}

TEST_F(Removal, GlareAtTheRefreshIsTriedAgainWithinTwoSeconds) {
  alice.traits.refuses_reinvite = 491;
  const auto before = alice.offers().size();
  alice.refer_bye(carol);
  world.advance(1ms);
  EXPECT_EQ(alice.offers().size(), before + 1);
  alice.traits.refuses_reinvite.reset();
  world.advance(2s);
  EXPECT_EQ(alice.offers().size(), before + 2);
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
}

TEST_F(Removal, TheOthersReinviteDuringTheRefreshIsRefusedWith491) {
  alice.traits.sip_frozen = true;
  alice.refer_bye(carol);
  world.advance(100ms);
  alice.reinvite();
  world.advance(100ms);
  EXPECT_EQ(alice.responses().back(), 491);
  alice.traits.sip_frozen = false;
  alice.answer_reinvite();
  world.advance(1s);
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
}

TEST_F(Removal, ARefusedOfferKeepsTheSessionAndIsTriedLater) {
  bob.traits.refuses_reinvite = 488;
  alice.refer_bye(carol);
  world.advance(5s);
  EXPECT_THAT(world.records("offer.refused"), SizeIs(1));
  EXPECT_FALSE(bob.bye_received());
  bob.traits.refuses_reinvite.reset();
  world.advance(10s);
  EXPECT_THAT(world.records("removal.converged"), SizeIs(1));
}

TEST_F(Removal, SeveralRemovalsAreSummedUp) {
  auto& dave = world.join("dave", {.cameras = 1});
  auto& erin = world.join("erin", {.cameras = 1});
  world.advance(1s);
  const auto before = alice.advertisements();
  carol.bye();
  dave.bye();
  erin.bye();
  world.advance(1s);
  EXPECT_LE(alice.advertisements(), before + 2);
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1"));
  EXPECT_THAT(world.records("removal.converged"), SizeIs(3));
}

TEST_F(Removal, AloneOneStillHasAValidAdvertisement) {
  bob.bye();
  carol.bye();
  world.advance(1s);
  EXPECT_THAT(known_captures(alice), IsEmpty());
  EXPECT_THAT(alice.last_advertisement().captures, SizeIs(2));
}

TEST_F(Removal, TheCreatorsDepartureEndsTheConferenceWithoutRefreshes) {
  const auto before = bob.advertisements();
  alice.bye();
  world.advance(1s);
  EXPECT_TRUE(bob.bye_received());
  EXPECT_TRUE(carol.bye_received());
  EXPECT_EQ(bob.advertisements(), before);
  EXPECT_EQ(world.focus().census().conferences, 0U);
  EXPECT_EQ(world.focus().census().participants, 0U);
  EXPECT_EQ(world.open_channels(), 0U);
  EXPECT_EQ(world.open_ports(), 0U);
  EXPECT_EQ(world.open_dialogs(), 0U);
}

TEST_F(Removal, TheCreatorMayEndTheWholeConference) {
  alice.refer({"sip", world.conference(), "focus.example.net", 0, {}}, "BYE");
  world.advance(1s);
  EXPECT_TRUE(alice.bye_received());
  EXPECT_TRUE(bob.bye_received());
  EXPECT_EQ(world.focus().census().conferences, 0U);
}

// REF-06: what is called like it elsewhere is not this conference.
TEST_F(Removal, AConferenceAtAnotherHostIsNotThisOne) {
  const std::string user = world.conference();
  for (const focus::SipUri& other : {focus::SipUri{"sip", user, "other.example.org", 0, {}},
                                     focus::SipUri{"sip", user, "", 0, {}}, focus::SipUri{"tel", user, "", 0, {}}}) {
    alice.refer(other, "BYE");
    alice.refer(other, "BYE", false);
    world.advance(1s);
  }
  EXPECT_FALSE(alice.bye_received());
  EXPECT_FALSE(bob.bye_received());
  EXPECT_THAT(world.records("refer.refused"), SizeIs(6));
  EXPECT_THAT(world.records("refer.refused"), Each(HasSubstr("status=404")));
}

TEST_F(Removal, TheWholeConferenceIsMeantByEachHostThatIsOurs) {
  for (const char* host : {"conf.example.com", "focus.example.net"}) {
    auto policy = VirtualWorld::default_policy();
    policy.conference.domains = {"conf.example.com", "focus.example.net"};
    VirtualWorld own(policy);
    auto& creator = own.join("alice");
    creator.refer({"sip", own.conference(), "other.example.org", 0, {}}, "BYE");
    own.advance(1s);
    EXPECT_FALSE(creator.bye_received()) << "whatever is configured";
    creator.refer({"sip", own.conference(), host, 0, {}}, "BYE");
    own.advance(1s);
    EXPECT_TRUE(creator.bye_received()) << host;
    EXPECT_THAT(own.violations(), IsEmpty());
  }
}

TEST_F(Removal, WhoRejoinsGetsNewIds) {
  carol.bye();
  world.advance(1s);
  world.join("carol", {.cameras = 1});
  EXPECT_THAT(known_captures(alice), ElementsAre("p2-v1", "p2-v2", "p2-a1", "p4-v1", "p4-a1"));
}

TEST_F(Removal, TheLossOfAChannelIsNotALeaving) {
  carol.lose_channel();
  world.advance(1s);
  EXPECT_FALSE(carol.bye_received());
  EXPECT_THAT(known_captures(alice), Contains("p3-v1"));
  EXPECT_EQ(world.focus().census().participants, 3U);
}

TEST_F(Removal, APlainReferrerIsNotToldWhatWouldMakeItHangUp) {
  VirtualWorld other;
  auto& phone = other.join("phone", {.telepresence = false});
  auto& target = other.join("target", {.telepresence = false});
  phone.refer_bye(target);
  other.advance(1s);
  EXPECT_TRUE(target.bye_received());
  ASSERT_THAT(other.notifies(), SizeIs(1));
  EXPECT_EQ(other.notifies()[0].status, 100);
  EXPECT_TRUE(other.notifies()[0].terminated);
  EXPECT_FALSE(phone.bye_received());
}

// REF-12: RFC 7647 section 5 says 200, RFC 3515 and old clients expect 202.
// The referrer is among those whom its own REFER removes, and one of them is gone before the next one's turn.
TEST(RemovalOfOneself, WhileTwoCallsToOneselfAreBeingPrepared) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.offer_clue = false;
  focus::SipUri moderator;
  moderator.user = "bob";
  moderator.host = "ims.example.net";
  policy.conference.moderators.push_back(moderator);
  VirtualWorld world(policy);
  auto& alice = world.join("alice", {.telepresence = false, .asserted = true});
  auto& bob = world.endpoint("bob", {.telepresence = false, .asserted = true});
  world.hold_ports(true);
  alice.refer_invite("bob");
  alice.refer_invite("bob", {{"Replaces", "x%3Bto-tag%3D1%3Bfrom-tag%3D2"}});
  world.settle();
  EXPECT_EQ(world.focus().census().participants, 3U);
  bob.refer(moderator, "BYE", false, false);
  world.settle();
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200, 200));
  EXPECT_THAT(world.records("participant.gone"), SizeIs(2));
  EXPECT_EQ(world.focus().census().participants, 1U);
  world.hold_ports(false);
  alice.bye();
  world.advance(1min);
  EXPECT_EQ(world.focus().census().routes, 0U);
  EXPECT_THAT(world.violations(), IsEmpty()) << world.story();
}

TEST(RemovalByPolicy, TheReferIsAcceptedWithTheConfiguredStatus) {
  for (const int status : {200, 202}) {
    auto policy = VirtualWorld::default_policy();
    policy.refer_accept_code = status;
    VirtualWorld world(policy);
    auto& alice = world.join("alice");
    auto& bob = world.join("bob");
    alice.refer_bye(bob);
    world.advance(1s);
    EXPECT_THAT(world.refer_answers(), ElementsAre(status));
    EXPECT_TRUE(bob.bye_received());
  }
}

}  // namespace
}  // namespace clued::testing
