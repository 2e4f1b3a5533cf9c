// The conference calls somebody because a participant asked it to (RFC 4579 section 5.5).
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using Called = EndpointTraits::Called;

class Invitation : public ::testing::Test {
 protected:
  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice", {.cameras = 3});
  VirtualEndpoint& bob = world.join("bob", {.cameras = 1});

  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    // Whatever happened to the calls, nothing of them is left when the conference is over.
    if (!alice.is_over()) alice.bye();
    world.advance(120s);
    const auto census = world.focus().census();
    EXPECT_EQ(census.participants, 0U);
    EXPECT_EQ(census.open_refers, 0U);
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.open_channels(), 0U);
    if (HasFailure()) std::cout << world.story();
  }

  /// The status lines that the referrers were told; "!" marks the last one.
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const auto& notify : world.notifies()) {
      lines.push_back(std::to_string(notify.status) + (notify.terminated ? "!" : ""));
    }
    return lines;
  }
  std::string outcome(const std::string& name) const {
    for (const auto& line : world.records(name)) return line;
    return "";
  }
};

// REF-07, FOC-10, TP-22, REF-09
TEST_F(Invitation, ATelepresenceEndpointIsCalledAndEverybodyLearnsOfItsCaptures) {
  auto& carol = world.endpoint("carol", {.cameras = 2});
  alice.refer_invite("carol");
  world.advance(3s);
  EXPECT_THAT(world.refer_answers(), ElementsAre(200));
  ASSERT_THAT(carol.invites(), SizeIs(1));
  const auto& invite = carol.invites().front();
  EXPECT_EQ(invite.contact.user, world.conference());
  EXPECT_TRUE(invite.contact.telepresence);
  EXPECT_EQ(invite.referred_by, "<sip:alice@ims.example.net>");
  EXPECT_THAT(invite.sdp, HasSubstr("UDP/DTLS/SCTP webrtc-datachannel"));
  EXPECT_THAT(invite.sdp, HasSubstr("a=group:CLUE"));
  EXPECT_THAT(invite.sdp, Not(HasSubstr("a=label"))) << "nothing CLUE-controlled before the peer showed that it can";
  EXPECT_TRUE(carol.has_clue());
  EXPECT_GT(carol.last_advertisement().captures.size(), 4U);
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@ims.example.net")));
  bool knows = false;
  for (const auto& capture : bob.last_advertisement().captures) knows = knows || capture.id == "p3-v2";
  EXPECT_TRUE(knows);
}

// REF-10: 100 at once, news not more often than once a second, one last word.
TEST_F(Invitation, TheReferrerHearsHowTheCallGoesOn) {
  auto& carol = world.endpoint("carol", {.called = Called::rings});
  alice.refer_invite("carol");
  world.settle();
  EXPECT_THAT(told(), ElementsAre("100"));
  world.advance(2s);
  EXPECT_THAT(told(), ElementsAre("100", "180"));
  carol.ring(183);
  carol.ring(180);
  carol.ring(183);
  world.advance(3s);
  EXPECT_THAT(told(), ElementsAre("100", "180", "183"));
  carol.answer_call();
  world.advance(1s);
  EXPECT_THAT(told(), ElementsAre("100", "180", "183", "200!"));
}

TEST_F(Invitation, WhoIsBusyIsReportedAsItSaid) {
  world.endpoint("carol", {.refuses_call = 486});
  alice.refer_invite("carol");
  world.advance(1s);
  EXPECT_THAT(told(), ElementsAre("100", "486!"));
  EXPECT_EQ(world.focus().census().participants, 2U);
}

TEST_F(Invitation, WhoDoesNotExistIsReported) {
  alice.refer_invite("nobody");
  world.advance(1s);
  EXPECT_THAT(told(), ElementsAre("100", "408!"));
}

// END-03
TEST_F(Invitation, WhoDoesNotAnswerIsCancelledAfterTheRingingTime) {
  auto& carol = world.endpoint("carol", {.called = Called::rings});
  alice.refer_invite("carol");
  world.advance(59s);
  EXPECT_FALSE(carol.was_cancelled());
  world.advance(2s);
  EXPECT_TRUE(carol.was_cancelled());
  EXPECT_THAT(told(), ElementsAre("100", "180", "408!"));
}

// END-03: no CANCEL before a provisional response; the world's invariant watches it.
TEST_F(Invitation, TheCancelWaitsForAProvisionalResponse) {
  auto& carol = world.endpoint("carol", {.called = Called::is_silent});
  alice.refer_invite("carol");
  world.settle();
  alice.refer_bye(carol);
  world.advance(1s);
  EXPECT_FALSE(carol.was_cancelled());
  EXPECT_THAT(world.notifies(), SizeIs(3)) << "100, 487 to the inviter, 100 to the remover";
  carol.ring(100);
  world.advance(1s);
  EXPECT_TRUE(carol.was_cancelled());
  EXPECT_EQ(world.notifies().back().status, 200) << "the removal";
}

// END-03: 2xx and CANCEL cross: sip/ acknowledges, we BYE.
TEST_F(Invitation, AnAnswerThatCrossesTheCancelIsFollowedByABye) {
  auto& carol = world.endpoint("carol", {.called = Called::rings});
  alice.refer_invite("carol");
  world.advance(1s);
  alice.refer_bye(carol);
  carol.answer_call();
  world.advance(1s);
  EXPECT_TRUE(carol.was_cancelled());
  ASSERT_TRUE(carol.bye_received());
  EXPECT_THAT(world.records("participant.joined"), SizeIs(2));
}

TEST_F(Invitation, TheConferenceThatEndsCancelsItsCalls) {
  auto& carol = world.endpoint("carol", {.called = Called::rings});
  alice.refer_invite("carol");
  world.advance(1s);
  alice.bye();
  world.advance(1s);
  EXPECT_TRUE(carol.was_cancelled());
  EXPECT_TRUE(carol.is_over());
}

// TP-02, DC-08: the channel is up before the 200, and goes with the CANCEL.
TEST_F(Invitation, AChannelThatCameUpEarlyIsRemovedWithTheCancel) {
  auto& carol = world.endpoint("carol", {.called = Called::rings, .early_answer = true});
  alice.refer_invite("carol");
  world.advance(1s);
  EXPECT_TRUE(carol.has_clue());
  alice.refer_bye(carol);
  world.advance(1s);
  EXPECT_TRUE(carol.was_cancelled());
  const auto& history = carol.history();
  const auto cancel = std::find(history.begin(), history.end(), "cancel");
  const auto closed = std::find(history.begin(), history.end(), "channel closed");
  EXPECT_LT(cancel, closed);
  EXPECT_NE(closed, history.end());
  EXPECT_EQ(carol.advertisements(), 0U) << "who has not answered is told nothing";
}

TEST_F(Invitation, AnEarlyAnswerHoldsForTheCall) {
  auto& carol = world.endpoint("carol", {.called = Called::rings, .early_answer = true});
  alice.refer_invite("carol");
  world.advance(1s);
  carol.answer_call();
  world.advance(2s);
  EXPECT_TRUE(carol.has_clue());
  EXPECT_GT(carol.advertisements(), 0U);
}

TEST_F(Invitation, ADeviceThatAnswersInsteadOfTheEarlyOneGoesOnWithoutClue) {
  auto& carol = world.endpoint("carol", {.called = Called::rings, .early_answer = true});
  alice.refer_invite("carol");
  world.advance(1s);
  carol.answer_call("b");
  world.advance(2s);
  EXPECT_FALSE(carol.has_clue());
  for (const auto& capture : bob.last_advertisement().captures) {
    EXPECT_NE(capture.id, "p3-v2") << "what the other device offered";
  }
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@ims.example.net clue=no")));
}

// Expectations: Twinkle answers 400 to any SDP with UDP/DTLS/SCTP in it.
TEST_F(Invitation, AnOfferWithClueThatIsNotUnderstoodIsMadeOnceMoreWithout) {
  for (const int status : {400, 415, 488, 606}) {
    const auto name = "phone" + std::to_string(status);
    auto& phone = world.endpoint(name, {.telepresence = false, .refuses_clue = status});
    alice.refer_invite(name);
    world.advance(2s);
    ASSERT_THAT(phone.invites(), SizeIs(2));
    EXPECT_THAT(phone.invites()[1].sdp, Not(HasSubstr("UDP/DTLS/SCTP")));
    EXPECT_THAT(phone.invites()[1].sdp, Not(HasSubstr("CLUE")));
    EXPECT_FALSE(phone.invites()[1].contact.telepresence);
    EXPECT_NE(phone.invites()[0].call_id, phone.invites()[1].call_id);
    EXPECT_EQ(world.notifies().back().status, 200);
    EXPECT_TRUE(phone.is_confirmed());
  }
}

TEST_F(Invitation, ARefusalThatHasNothingToDoWithClueIsNotRepeated) {
  auto& phone = world.endpoint("phone", {.telepresence = false, .refuses_call = 488});
  alice.refer_invite("phone");
  world.advance(2s);
  EXPECT_THAT(phone.invites(), SizeIs(2)) << "with CLUE and without";
  EXPECT_THAT(told(), ElementsAre("100", "488!"));
}

TEST_F(Invitation, ARedirectionIsFollowed) {
  world.endpoint("carol", {.redirects = {"busy", "mobile"}});
  world.endpoint("busy", {.refuses_call = 486});
  auto& mobile = world.endpoint("mobile");
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_TRUE(mobile.is_confirmed());
  EXPECT_EQ(told().back(), "200!");
  EXPECT_THAT(world.records("participant.joined"), Contains(HasSubstr("sip:carol@ims.example.net")))
      << "the roster shows who was invited";
}

TEST_F(Invitation, ARedirectionInACircleEnds) {
  auto& carol = world.endpoint("carol", {.redirects = {"dave"}});
  auto& dave = world.endpoint("dave", {.redirects = {"dave", "carol"}});
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_LE(carol.invites().size() + dave.invites().size(), 4U);
  EXPECT_EQ(told().back(), "302!");
}

// Every target passes the same checks, whoever names it.
TEST_F(Invitation, ARedirectionToTheFocusIsNotFollowed) {
  world.endpoint("carol", {.redirects = {world.conference(), "factory"}});
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_EQ(told().back(), "403!");
  EXPECT_THAT(world.records("call.redirection_refused"), Contains(HasSubstr("the target is this focus")));
  EXPECT_THAT(world.records("participant.joined"), SizeIs(2));
}

TEST_F(Invitation, ARedirectionToTheFocusLeavesTheOthers) {
  world.endpoint("carol", {.redirects = {world.conference(), "mobile"}});
  auto& mobile = world.endpoint("mobile");
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_TRUE(mobile.is_confirmed());
  EXPECT_EQ(told().back(), "200!");
}

TEST(InvitationWithDomains, ARedirectionOutOfThemIsNotFollowed) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.domains = {"ims.example.net"};
  VirtualWorld world(policy);
  auto& alice = world.join("alice", {});
  world.endpoint("carol", {.redirects = {"dave"}});
  auto& dave = world.endpoint("dave", {});
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_THAT(dave.invites(), IsEmpty());
  ASSERT_THAT(world.notifies(), Not(IsEmpty()));
  EXPECT_EQ(world.notifies().back().status, 403);
  EXPECT_THAT(world.records("call.redirection_refused"), Contains(HasSubstr("not a domain to be called")));
  alice.bye();
  world.advance(120s);
  EXPECT_THAT(world.violations(), IsEmpty());
}

TEST_F(Invitation, WhoIsInAlreadyIsNotCalled) {
  alice.refer_invite("bob");
  world.advance(1s);
  EXPECT_THAT(told(), ElementsAre("200!"));
  EXPECT_THAT(bob.invites(), IsEmpty());
}

TEST_F(Invitation, WhoIsBeingCalledIsNotCalledTwice) {
  auto& carol = world.endpoint("carol", {.called = Called::rings});
  alice.refer_invite("carol");
  world.advance(2s);
  alice.refer_invite("carol");
  world.advance(2s);
  EXPECT_THAT(carol.invites(), SizeIs(1));
  carol.answer_call();
  world.advance(1s);
  EXPECT_EQ(std::count_if(world.notifies().begin(), world.notifies().end(),
                          [](const auto& notify) { return notify.terminated && notify.status == 200; }),
            2);
}

// RFC 4579 section 5.10: the device merges its calls into the conference.
TEST_F(Invitation, ReplacesIsCarriedOverAndNothingThatSpeaksInOurName) {
  auto& bob_again = world.endpoint("carol");
  alice.refer_invite("carol", {{"Replaces", "12345;to-tag=a;from-tag=b"},
                               {"P-Asserted-Identity", "<sip:boss@example.net>"},
                               {"Subject", "a\r\nX: y"},
                               {"priority", "urgent"}});
  world.advance(2s);
  ASSERT_THAT(bob_again.invites(), SizeIs(1));
  EXPECT_THAT(bob_again.invites()[0].headers,
              ElementsAre(std::pair<std::string, std::string>("Replaces", "12345;to-tag=a;from-tag=b"),
                          std::pair<std::string, std::string>("Priority", "urgent")));
}

TEST_F(Invitation, OnlyWhoMayInviteCanAndNobodyInvitesTheFocusItself) {
  bob.refer_invite("carol");
  world.settle();
  EXPECT_EQ(bob.responses().back(), 403);
  alice.refer_invite(world.conference());
  world.settle();
  EXPECT_EQ(alice.responses().back(), 403);
  alice.refer_invite("factory");
  world.settle();
  EXPECT_EQ(alice.responses().back(), 403);
  focus::ReferTarget number;
  number.uri.scheme = "tel";
  number.uri.user = "+15551234";
  alice.refer_invite_to(number);
  world.settle();
  EXPECT_EQ(alice.responses().back(), 416) << "nobody here can route a number";
  EXPECT_THAT(told(), IsEmpty());
}

TEST(InvitationLimits, UnansweredInvitationsAreCounted) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.max_outstanding = 2;
  VirtualWorld world(policy);
  auto& alice = world.join("alice");
  for (int i = 0; i < 3; ++i) {
    const auto name = "ue" + std::to_string(i);
    world.endpoint(name, {.called = Called::rings});
    alice.refer_invite(name);
    world.advance(1s);
  }
  EXPECT_THAT(world.refer_answers(), ElementsAre(200, 200));
  EXPECT_EQ(alice.responses().back(), 503);
}

// OA-04: in a dialog that we began the Call-ID is ours.
TEST_F(Invitation, AfterGlareTheOwnerOfTheCallIdWaitsLonger) {
  auto& carol = world.endpoint("carol", {.cameras = 1});
  alice.refer_invite("carol");
  world.advance(3s);
  carol.traits.refuses_reinvite = 491;
  auto& dave = world.join("dave", {.cameras = 3});
  ASSERT_TRUE(dave.is_confirmed());
  bool seen = false;
  for (const auto& line : world.records("offer.deferred")) {
    if (line.find("participant=p3 ") == std::string::npos) continue;
    const auto ms = std::stoi(line.substr(line.find("ms=") + 3));
    EXPECT_GE(ms, 2100);
    EXPECT_LE(ms, 4000);
    seen = true;
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace clued::testing
