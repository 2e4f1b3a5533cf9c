// The creator's INVITE lists whom the conference shall call (RFC 5366).
#include "support/scenario.hpp"

namespace clued::testing {
namespace {

using focus::Recipient;
using focus::RecipientList;
using resource_lists::CopyControl;
using ::testing::AllOf;
using Called = EndpointTraits::Called;

std::string entity(const std::string& name) { return "sip:" + name + "@ims.example.net"; }

Recipient recipient(const std::string& user, CopyControl control = CopyControl::none, bool anonymize = false) {
  Recipient one;
  one.target.uri.user = user;
  one.target.uri.host = "ims.example.net";
  one.copy_control = control;
  one.anonymize = anonymize;
  return one;
}

RecipientList list_of(const std::vector<std::string>& users) {
  RecipientList list;
  for (const auto& user : users) list.entries.push_back(recipient(user));
  return list;
}

class RecipientLists : public ::testing::Test {
 protected:
  void TearDown() override {
    if (!world) return;
    EXPECT_THAT(world->violations(), IsEmpty());
    // Whatever became of the calls, nothing of them is left when the conference is over.
    if (alice != nullptr && !alice->is_over()) alice->bye();
    world->advance(200s);
    const auto census = world->focus().census();
    EXPECT_EQ(census.conferences, 0U);
    EXPECT_EQ(census.participants, 0U);
    EXPECT_EQ(world->open_ports(), 0U);
    EXPECT_EQ(world->open_channels(), 0U);
    if (HasFailure()) std::cout << world->story();
  }

  void open(focus::Policy policy = VirtualWorld::default_policy()) { world.emplace(std::move(policy)); }

  /// Alice, whose identity is proven, creates a conference with this list.
  void create(RecipientList list, EndpointTraits traits = {.cameras = 1, .asserted = true}) {
    traits.recipient_list = std::move(list);
    alice = &world->join("alice", traits);
  }
  std::string record(const std::string& name) const {
    const auto lines = world->records(name);
    return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " records";
  }
  /// Nothing came of it.
  void expect_refused(int status, const std::string& why) {
    EXPECT_EQ(alice->last_response().status, status);
    EXPECT_THAT(record("invite.refused"), HasSubstr(why));
    EXPECT_EQ(world->focus().census().conferences, 0U);
    EXPECT_EQ(world->open_ports(), 0U);
    EXPECT_THAT(world->records("participant.called"), IsEmpty());
  }

  std::optional<VirtualWorld> world;
  VirtualEndpoint* alice = nullptr;
};

// FOC-13
TEST_F(RecipientLists, ThoseWhoAreListedAreCalledAndBecomeParticipants) {
  open();
  auto& bob = world->endpoint("bob", {.cameras = 2});
  auto& phone = world->endpoint("phone", {.telepresence = false, .refuses_clue = 488});
  world->endpoint("busy", {.refuses_call = 486});
  create(list_of({"bob", "phone", "busy"}));
  world->advance(4s);
  EXPECT_TRUE(bob.has_clue());
  EXPECT_TRUE(phone.is_confirmed());
  ASSERT_THAT(bob.invites(), SizeIs(1));
  EXPECT_EQ(bob.invites()[0].contact.user, world->conference());
  EXPECT_EQ(bob.invites()[0].recipient_history, nullptr);
  bool knows = false;
  for (const auto& capture : alice->last_advertisement().captures) knows = knows || capture.id == "p2-v2";
  EXPECT_TRUE(knows);
  EXPECT_EQ(world->focus().census().participants, 3U);
  EXPECT_THAT(record("list.accepted"), AllOf(HasSubstr("entries=3"), HasSubstr("to_call=3"), HasSubstr("history=no")));
  EXPECT_THAT(record("list.concluded"), HasSubstr(" call_id="));
  EXPECT_THAT(record("list.concluded"), AllOf(HasSubstr("answered=2"), HasSubstr("failed=1"), HasSubstr("dropped=0")));
  EXPECT_THAT(world->records("participant.called"), Each(HasSubstr("op=")));
}

// FOC-15: an acknowledged answer is the proof that the caller is where it says.
TEST_F(RecipientLists, NobodyIsCalledBeforeTheCreatorIsThere) {
  open();
  auto& bob = world->endpoint("bob");
  create(list_of({"bob"}), {.asserted = true, .holds_ack = true});
  world->advance(5s);
  EXPECT_EQ(alice->last_response().status, 200);
  EXPECT_THAT(bob.invites(), IsEmpty());
  alice->ack();
  world->advance(1s);
  EXPECT_THAT(bob.invites(), SizeIs(1));
}

TEST_F(RecipientLists, NobodyIsCalledForACreatorWhoGaveUp) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.end_when = focus::EndWhen::last_leaves;
  open(policy);
  auto& bob = world->endpoint("bob");
  create(list_of({"bob"}), {.asserted = true, .holds_ack = true});
  auto& carol = world->join("carol");
  alice->bye();
  world->advance(5s);
  EXPECT_THAT(bob.invites(), IsEmpty());
  EXPECT_THAT(record("list.concluded"), HasSubstr("dropped=1"));
  carol.bye();
}

TEST_F(RecipientLists, MoreThanMayBeOutstandingWaitForTheirTurn) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.max_outstanding = 2;
  open(policy);
  std::vector<VirtualEndpoint*> callees;
  for (const char* name : {"ue0", "ue1", "ue2", "ue3", "ue4"}) {
    callees.push_back(&world->endpoint(name, {.called = Called::rings}));
  }
  create(list_of({"ue0", "ue1", "ue2", "ue3", "ue4"}));
  world->advance(2s);
  const auto called = [&] {
    return std::count_if(callees.begin(), callees.end(), [](const auto* one) { return !one->invites().empty(); });
  };
  EXPECT_EQ(called(), 2);
  callees[1]->answer_call();
  world->advance(1s);
  EXPECT_EQ(called(), 3);
  alice->refer_invite("ue4");
  world->settle();
  EXPECT_EQ(alice->responses().back(), 503) << "a REFER does not wait";
  callees[0]->refuse_call(486);
  callees[2]->refuse_call(603);
  world->advance(1s);
  EXPECT_EQ(called(), 5);
  EXPECT_THAT(world->records("list.concluded"), IsEmpty());
  world->advance(61s);
  EXPECT_TRUE(callees[3]->was_cancelled());
  EXPECT_THAT(record("list.concluded"), AllOf(HasSubstr("answered=1"), HasSubstr("failed=4")));
}

TEST_F(RecipientLists, TheEndOfTheConferenceCancelsThemAll) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.max_outstanding = 2;
  open(policy);
  auto& bob = world->endpoint("bob", {.called = Called::rings});
  auto& carol = world->endpoint("carol", {.called = Called::rings});
  auto& dave = world->endpoint("dave", {.called = Called::rings});
  create(list_of({"bob", "carol", "dave"}));
  world->advance(2s);
  alice->bye();
  world->advance(2s);
  EXPECT_TRUE(bob.was_cancelled());
  EXPECT_TRUE(carol.was_cancelled());
  EXPECT_THAT(dave.invites(), IsEmpty());
  EXPECT_THAT(record("list.concluded"), AllOf(HasSubstr("failed=2"), HasSubstr("dropped=1")));
}

TEST_F(RecipientLists, NeitherTwiceNorTheCallerNorTheFocusNorWhoIsIn) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.domains = {"ims.example.net"};
  open(policy);
  auto& bob = world->endpoint("bob");
  auto& carol = world->endpoint("carol");
  auto list = list_of({"bob", "alice", "factory", "bob", "carol"});
  list.entries.push_back(recipient("eve"));
  list.entries.back().target.uri.host = "elsewhere.example.com";
  list.entries.push_back(recipient("+15551234"));
  list.entries.back().target.uri.scheme = "tel";
  list.entries.push_back(recipient("x"));
  list.entries.back().target.uri.scheme = "http";
  list.ignored = 2;
  create(std::move(list), {.asserted = true, .holds_ack = true});
  world->advance(1s);
  // Carol comes by herself before it is her turn.
  carol.invite(alice->last_response().contact->user);
  world->advance(1s);
  alice->ack();
  world->advance(2s);
  EXPECT_THAT(bob.invites(), SizeIs(1));
  EXPECT_THAT(carol.invites(), IsEmpty());
  EXPECT_THAT(alice->invites(), IsEmpty());
  EXPECT_THAT(record("list.accepted"), AllOf(HasSubstr("entries=8"), HasSubstr("to_call=2"), HasSubstr("collapsed=1"),
                                             HasSubstr("skipped=5"), HasSubstr("ignored=2")));
  const auto skipped = world->records("list.entry_skipped");
  EXPECT_THAT(skipped, Contains(AllOf(HasSubstr("sip:alice@"), HasSubstr("in the conference already"))));
  EXPECT_THAT(skipped, Contains(AllOf(HasSubstr("sip:carol@"), HasSubstr("in the conference already"))));
  EXPECT_THAT(skipped, Contains(HasSubstr("the target is this focus")));
  EXPECT_THAT(skipped, Contains(AllOf(HasSubstr("sip:eve@"), HasSubstr("not a domain to be called"))));
  EXPECT_THAT(skipped, Contains(HasSubstr("no outbound proxy")));
  EXPECT_THAT(skipped, Contains(HasSubstr("unsupported URI scheme")));
}

TEST_F(RecipientLists, WhoDoesNotFitIntoTheConferenceIsNotCalled) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.max_participants_per_conference = 2;
  open(policy);
  auto& bob = world->endpoint("bob");
  auto& carol = world->endpoint("carol");
  create(list_of({"bob", "carol"}));
  world->advance(2s);
  EXPECT_TRUE(bob.is_confirmed());
  EXPECT_THAT(carol.invites(), IsEmpty());
  EXPECT_THAT(record("list.entry_skipped"), HasSubstr("conference is full"));
  EXPECT_THAT(record("list.concluded"), AllOf(HasSubstr("answered=1"), HasSubstr("dropped=1")));
}

// FOC-15
TEST_F(RecipientLists, AreNotForStrangers) {
  open();
  world->endpoint("bob");
  create(list_of({"bob"}), {.asserted = false});
  expect_refused(403, "not allowed to have a list invited");
  EXPECT_THAT(record("invite.refused"), HasSubstr("entries=1"));
}

TEST_F(RecipientLists, AreNotForThoseWhoMayNotInvite) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.rights.invite = {focus::Permission::Ring::nobody, {}, {}};
  open(policy);
  create(list_of({"bob"}));
  expect_refused(403, "not allowed to have a list invited");
}

TEST_F(RecipientLists, CanBeOpenedToAnybodyOrGivenToSomeUsers) {
  auto policy = VirtualWorld::default_policy();
  policy.conference.rights.invite_list = {focus::Permission::Ring::anyone, {}, {}};
  open(policy);
  auto& bob = world->endpoint("bob");
  create(list_of({"bob"}), {.asserted = false});
  world->advance(2s);
  EXPECT_TRUE(bob.is_confirmed());
}

// FOC-15: a list of 1000.
TEST_F(RecipientLists, TooLongOnesAreRefusedAsAWhole) {
  open();
  RecipientList list;
  for (int i = 0; i < 1000; ++i) list.entries.push_back(recipient("victim" + std::to_string(i)));
  create(std::move(list));
  expect_refused(403, "too many entries in the recipient-list");
}

TEST_F(RecipientLists, AsLongAsAllowedAreCalled) {
  auto policy = VirtualWorld::default_policy();
  policy.dial_out.max_list_entries = 20;
  open(policy);
  RecipientList list;
  for (int i = 0; i < 20; ++i) {
    list.entries.push_back(recipient("ue" + std::to_string(i)));
    world->endpoint("ue" + std::to_string(i), {.telepresence = false});
  }
  create(std::move(list));
  world->advance(2s);
  EXPECT_EQ(world->focus().census().participants, 21U);
}

TEST_F(RecipientLists, AnEmptyOneIsAnOrdinaryConference) {
  open();
  create(RecipientList{});
  world->advance(1s);
  EXPECT_TRUE(alice->is_confirmed());
  EXPECT_THAT(record("list.concluded"), HasSubstr("answered=0"));
}

TEST_F(RecipientLists, AWorthlessOfferCallsNobody) {
  open();
  auto& bob = world->endpoint("bob");
  alice = &world->endpoint("alice", {.asserted = true, .recipient_list = list_of({"bob"})});
  alice->invite_with("no session description", "factory");
  world->advance(2s);
  EXPECT_GE(alice->last_response().status, 400);
  EXPECT_THAT(bob.invites(), IsEmpty());
  EXPECT_THAT(world->records("list.accepted"), IsEmpty());
}

// FOC-14
TEST_F(RecipientLists, AreRefusedAtAConferenceUri) {
  open();
  create(list_of({}));
  auto& bob = world->endpoint("bob", {.asserted = true, .recipient_list = list_of({"carol"})});
  bob.invite(world->conference());
  world->advance(1s);
  EXPECT_EQ(bob.last_response().status, 420);
  EXPECT_EQ(bob.last_response().unsupported, "recipient-list-invite");
  bob.invite("nowhere");
  world->advance(1s);
  EXPECT_EQ(bob.last_response().status, 404) << "the URI comes first (RFC 3261 section 8.2.2)";
  bob.replace(*alice);
  world->advance(1s);
  EXPECT_EQ(bob.last_response().status, 420);
  EXPECT_FALSE(alice->is_over());
}

// RFC 5364, RFC 5366 section 4
TEST_F(RecipientLists, TheCalledAreToldOfThoseWhoMayBeShown) {
  open();
  auto& bob = world->endpoint("bob");
  auto& carol = world->endpoint("carol");
  auto& dave = world->endpoint("dave");
  create({{recipient("bob", CopyControl::to), recipient("carol", CopyControl::cc, true),
           recipient("dave", CopyControl::bcc)},
          0});
  world->advance(2s);
  for (const auto* callee : {&bob, &carol, &dave}) {
    ASSERT_THAT(callee->invites(), SizeIs(1));
    ASSERT_NE(callee->invites()[0].recipient_history, nullptr);
    const auto& history = *callee->invites()[0].recipient_history;
    EXPECT_THAT(history, HasSubstr(entity("bob")));
    EXPECT_THAT(history, AllOf(Not(HasSubstr("carol")), Not(HasSubstr("dave"))));
  }
  EXPECT_THAT(record("list.accepted"), HasSubstr("history=yes"));
}

TEST_F(RecipientLists, WhoCannotReadTwoPartsIsCalledOnceMoreWithoutTheHistory) {
  for (const int status : {400, 415, 488, 606, 500}) {
    open();
    auto& bob = world->endpoint("bob", {.refuses_history = status});
    auto& phone = world->endpoint("phone", {.telepresence = false, .refuses_clue = 488, .refuses_history = status});
    create({{recipient("bob", CopyControl::to), recipient("phone", CopyControl::to)}, 0});
    world->advance(3s);
    ASSERT_THAT(bob.invites(), SizeIs(2)) << status;
    EXPECT_EQ(bob.invites()[1].recipient_history, nullptr);
    EXPECT_TRUE(bob.has_clue()) << "that is what the history was left out for";
    EXPECT_THAT(phone.invites(), SizeIs(3));
    EXPECT_TRUE(phone.is_confirmed());
    TearDown();
  }
}

// As Linphone 5.1 does.
TEST_F(RecipientLists, WhoAnswersWithoutHavingSeenTheOfferIsCalledOnceMoreToo) {
  open();
  auto& phone = world->endpoint("phone", {.telepresence = false, .overlooks_history_offer = true});
  create({{recipient("phone", CopyControl::to)}, 0});
  world->advance(3s);
  ASSERT_THAT(phone.invites(), SizeIs(2));
  EXPECT_EQ(phone.history()[0], "invite");
  EXPECT_EQ(phone.history()[1], "bye") << "the session without media is ended first";
  EXPECT_NE(phone.invites()[0].dialog, phone.invites()[1].dialog);
  EXPECT_TRUE(phone.is_confirmed());
  EXPECT_FALSE(phone.is_over());
  // Its BYE may cross ours.
  world->post(focus::event::ByeReceived{phone.invites()[0].dialog, ""});
  world->advance(1s);
  EXPECT_THAT(record("list.concluded"), HasSubstr("answered=1"));
  EXPECT_EQ(world->focus().census().participants, 2U);
}

// EVT-17: as with REFER. Who is to be unknown is not shown by the roster either.
TEST_F(RecipientLists, TheRosterShowsThemAsFarAsTheListAllows) {
  open();
  world->endpoint("bob", {.called = Called::rings});
  auto& carol = world->endpoint("carol", {.called = Called::rings});
  auto& dave = world->endpoint("dave", {.called = Called::rings});
  auto list = RecipientList{{recipient("bob", CopyControl::to), recipient("carol", CopyControl::to, true),
                             recipient("dave", CopyControl::bcc)},
                            0};
  list.entries[0].display_name = "Bob";
  create(std::move(list));
  auto& watcher = world->watcher("alice");
  watcher.in_dialog_of = alice;
  watcher.subscribe();
  world->advance(10s);
  const auto anonymous = [](int number) { return "sip:anonymous" + std::to_string(number) + "@anonymous.invalid"; };
  ASSERT_TRUE(watcher.view().has(entity("bob")));
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).status, "alerting");
  EXPECT_EQ(watcher.view().endpoint(entity("bob")).joining_method, "dialed-out");
  EXPECT_EQ(watcher.view().user(entity("bob")).display_text, "Bob");
  EXPECT_TRUE(watcher.view().has(anonymous(1)));
  EXPECT_FALSE(watcher.view().has(anonymous(2))) << "invited blindly and not come yet";
  carol.answer_call();
  dave.answer_call();
  world->advance(10s);
  EXPECT_EQ(watcher.view().endpoint(anonymous(2)).status, "connected");
  for (const auto& notify : watcher.notifies()) {
    EXPECT_THAT(notify.document, AllOf(Not(HasSubstr("carol")), Not(HasSubstr("dave"))));
  }
  EXPECT_THAT(alice->messages(), Not(Contains(HasSubstr("dave"))));
}

TEST_F(RecipientLists, WhoIsInvitedBlindlyAndDoesNotComeWasNeverThere) {
  open();
  world->endpoint("dave", {.refuses_call = 486});
  create({{recipient("dave", CopyControl::bcc)}, 0}, {.asserted = true, .holds_ack = true});
  auto& watcher = world->watcher("alice");
  watcher.conference = alice->last_response().contact->user;
  watcher.names_dialog_of = alice;
  watcher.subscribe();
  alice->ack();
  world->advance(10s);
  EXPECT_THAT(record("list.concluded"), HasSubstr("failed=1"));
  ASSERT_THAT(watcher.notifies(), Not(IsEmpty()));
  for (const auto& notify : watcher.notifies()) EXPECT_THAT(notify.document, Not(HasSubstr("anonymous")));
}

// FOC-07
TEST(Abilities, OnlyTheFactorySaysThatItTakesLists) {
  VirtualWorld world;
  const auto& alice = world.join("alice");
  focus::Commands out;
  for (const auto& [user, takes] :
       {std::pair<std::string, bool>{"factory", true}, {world.conference(), false}, {"", false}}) {
    focus::event::OptionsReceived options;
    options.request = focus::RequestId{1};
    options.request_uri.user = user;
    options.request_uri.host = "focus.example.net";
    out.clear();
    world.focus().handle(options, world.now(), out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(std::get<focus::command::Respond>(out.front()).takes_recipient_list, takes) << user;
  }
  EXPECT_TRUE(alice.is_confirmed());
}

}  // namespace
}  // namespace clued::testing
