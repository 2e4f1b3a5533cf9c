// Who does not want to be known (RFC 3323, EVT-11, IMS-02): no document, advertisement or re-INVITE says who it is.
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

class WithPrivacy : public ::testing::Test {
 protected:
  WithPrivacy() {
    watcher.in_dialog_of = &alice;
    watcher.subscribe();
    world.settle();
  }
  void TearDown() override {
    EXPECT_THAT(world.violations(), IsEmpty());
    if (HasFailure()) std::cout << world.story();
  }
  /// Every byte that others were sent since the start.
  void expect_unknown(const std::string& name) {
    for (const auto& notify : watcher.notifies()) EXPECT_THAT(notify.document, Not(HasSubstr(name)));
    for (const auto& message : alice.messages()) EXPECT_THAT(message, Not(HasSubstr(name)));
    for (const auto& offer : alice.offers()) EXPECT_THAT(offer, Not(HasSubstr(name)));
  }
  focus::SipUri anonymous(unsigned number) {
    focus::SipUri uri;
    uri.user = "anonymous" + std::to_string(number);
    uri.host = "anonymous.invalid";
    return uri;
  }

  VirtualWorld world;
  VirtualEndpoint& alice = world.join("alice");
  VirtualWatcher& watcher = world.watcher("alice");
};

// EVT-11
TEST_F(WithPrivacy, ATelepresenceParticipantIsSeenButNotNamed) {
  auto& mallory = world.join("mallory", {.cameras = 2, .asserted = true, .is_private = true});
  world.advance(10s);
  ASSERT_TRUE(watcher.view().has("sip:anonymous1@anonymous.invalid"));
  EXPECT_EQ(watcher.view().user("sip:anonymous1@anonymous.invalid").display_text, "Anonymous 1");
  EXPECT_THAT(watcher.view().user("sip:anonymous1@anonymous.invalid").endpoints,
              Contains(Key("sip:anonymous1@anonymous.invalid;gr=leg2")));
  EXPECT_THAT(alice.last_advertisement().captures,
              Contains(::testing::Field(&clue::MediaCapture::id, HasSubstr("p2-"))))
      << "its captures are there";
  mallory.bye();
  world.advance(10s);
  expect_unknown("mallory");
}

// EVT-11
TEST_F(WithPrivacy, APhoneIsShownUnderItsNumber) {
  world.join("mallory", {.telepresence = false, .is_private = true});
  world.advance(10s);
  const auto people = alice.last_advertisement().people;
  EXPECT_THAT(people, Contains(::testing::Field(&clue::Person::card, clue::PersonCard{"Anonymous 1"})));
  expect_unknown("mallory");
}

TEST_F(WithPrivacy, LegsOfOneProvenIdentityAreOneAnonymousUserOthersAreNot) {
  const EndpointTraits proven{.telepresence = false, .asserted = true, .is_private = true};
  world.join("mallory", proven);
  world.join("mallory", proven);
  world.join("trudy", proven);
  // Without proof two of one From are two.
  world.join("eve", {.telepresence = false, .is_private = true});
  world.join("eve", {.telepresence = false, .is_private = true});
  world.advance(20s);
  EXPECT_THAT(watcher.view().user("sip:anonymous1@anonymous.invalid").endpoints, SizeIs(2));
  for (const char* number : {"2", "3", "4"}) {
    EXPECT_THAT(watcher.view().user("sip:anonymous" + std::string(number) + "@anonymous.invalid").endpoints, SizeIs(1));
  }
  EXPECT_EQ(watcher.view().user_count(), 5U);
}

TEST_F(WithPrivacy, TwoWhoCallThemselvesAnonymousAreTwoUsers) {
  world.join("anonymous", {.telepresence = false, .host = "anonymous.invalid"});
  world.join("anonymous", {.telepresence = false, .host = "anonymous.invalid"});
  world.advance(20s);
  EXPECT_EQ(watcher.view().user_count(), 3U);
}

// REF-03 c
TEST_F(WithPrivacy, ItIsRemovedByTheNameThatTheOthersKnow) {
  auto& mallory = world.join("mallory", {.is_private = true});
  auto& trudy = world.join("trudy", {.is_private = true});
  world.advance(10s);
  alice.refer(anonymous(1), "BYE", true);
  world.advance(10s);
  EXPECT_TRUE(mallory.bye_received());
  EXPECT_FALSE(trudy.bye_received());
  EXPECT_FALSE(watcher.view().has("sip:anonymous1@anonymous.invalid"));
  expect_unknown("mallory");
}

// REF-03 d
TEST_F(WithPrivacy, OneLegIsRemovedByItsEndpoint) {
  const EndpointTraits proven{.telepresence = false, .asserted = true, .is_private = true};
  auto& first = world.join("mallory", proven);
  auto& second = world.join("mallory", proven);
  auto leg = anonymous(1);
  leg.params.emplace_back("gr", "leg3");
  alice.refer(leg, "BYE", true);
  world.advance(1s);
  EXPECT_FALSE(first.bye_received());
  EXPECT_TRUE(second.bye_received());
}

TEST_F(WithPrivacy, WhoRemovesOthersIsNotNamedEither) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.moderators = {focus::SipUri{"sip", "boss", "ims.example.net", 0, {}}};
  VirtualWorld own(policy);
  auto& creator = own.join("alice");
  auto& boss = own.join("boss", {.telepresence = false, .asserted = true, .is_private = true});
  auto& bob = own.join("bob", {.telepresence = false});
  auto& view = own.watcher("alice");
  view.in_dialog_of = &creator;
  view.subscribe();
  own.advance(10s);
  boss.refer_bye(bob);
  own.settle();
  EXPECT_EQ(view.view().endpoint("sip:bob@ims.example.net").disconnection_by, "sip:anonymous1@anonymous.invalid");
}

}  // namespace
}  // namespace clued::testing
