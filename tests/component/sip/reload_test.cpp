// SIGHUP at sip/: what is asked from then on is decided by the new settings, all of them.
#include <gmock/gmock.h>

#include <algorithm>

#include "component/sip/harness.hpp"
#include "sip/digest.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;
using ::testing::HasSubstr;

class SipReload : public ::testing::Test {
 protected:
  Settings settings = Harness::quick();
  std::unique_ptr<Harness> harness;
  std::unique_ptr<Peer> peer;
  unsigned last_call = 0;

  /// With peers whom nobody trusts.
  void start_among_strangers() {
    settings.trusted_peers.clear();
    start();
  }
  void start() {
    harness = std::make_unique<Harness>("127.0.0.1", settings);
    peer = std::make_unique<Peer>(harness->io, Wire::udp, harness->uri(Wire::udp));
  }
  void reload() {
    const auto taken = harness->agent->reload(settings);
    ASSERT_TRUE(taken) << taken.error();
  }
  std::string next_call() { return "call-" + std::to_string(++last_call); }
  /// What a request is answered. Answers to INVITEs before are repeated, as nobody acknowledges them.
  Message answer_of(const std::string& call) {
    Message answer = harness->answer(*peer);
    while (answer.header("Call-ID") != call && !::testing::Test::HasFailure()) answer = harness->answer(*peer);
    return answer;
  }
  Message invite(const std::string& extra = "") {
    const std::string call = next_call();
    peer->send(peer->request("INVITE", "sip:c@h", call, 1, "", extra + sdp_type, some_sdp));
    return answer_of(call);
  }
  AuthSettings with_alice(const std::string& realm) {
    AuthSettings auth;
    auth.require = AuthSettings::Require::untrusted;
    auth.realm = realm;
    AuthUser alice;
    alice.name = "alice";
    alice.a1_sha256 = digest_a1(DigestAlgorithm::sha256, "alice", realm, "secret");
    alice.identity.uri.user = "alice";
    auth.users = {alice};
    auth.algorithms = {DigestAlgorithm::sha256};
    return auth;
  }
  /// The header of who answers the challenge by the realm and algorithm that are in it.
  static std::string answer_to(const Message& challenge, const std::string& realm) {
    const std::string text = challenge.header("WWW-Authenticate");
    const std::size_t at = text.find("nonce=\"") + 7;
    const std::string nonce = text.substr(at, text.find('"', at) - at);
    const std::string a1 = digest_a1(DigestAlgorithm::sha256, "alice", realm, "secret");
    const std::string a2 = digest_a1(DigestAlgorithm::sha256, "INVITE", "sip", "c@h");
    const std::string right = digest_a1(DigestAlgorithm::sha256, a1, nonce, "00000001:cn:auth:" + a2);
    return "Authorization: Digest username=\"alice\", realm=\"" + realm + "\", nonce=\"" + nonce +
           "\", uri=\"sip:c@h\", response=\"" + right +
           "\", algorithm=SHA-256, cnonce=\"cn\", nc=00000001, qop=auth\r\n";
  }
  /// An INVITE with this answer to a challenge gets in.
  bool is_let_in(const std::string& header) {
    const std::string call = next_call();
    peer->send(peer->request("INVITE", "sip:c@h", call, 1, "", header + sdp_type, some_sdp));
    const auto is_refused = [&](const Message& one) { return one.status() >= 400 && one.header("Call-ID") == call; };
    harness->until(
        [&] { return !harness->events.empty() || std::any_of(peer->inbox.begin(), peer->inbox.end(), is_refused); });
    return !harness->events.empty();
  }
};

TEST_F(SipReload, PasswordsCanBeAskedForFromNowOn) {
  start_among_strangers();
  EXPECT_TRUE(is_let_in(""));
  harness->events.clear();
  settings.auth = with_alice("first");
  reload();
  EXPECT_EQ(invite().status(), 401);
  settings.auth = {};
  reload();
  EXPECT_TRUE(is_let_in(""));
}

TEST_F(SipReload, AnotherRealmComesWithItsHashesAndChallenges) {
  settings.auth = with_alice("first");
  start_among_strangers();
  const Message before = invite();
  EXPECT_THAT(before.header("WWW-Authenticate"), HasSubstr("realm=\"first\""));
  settings.auth = with_alice("second");
  reload();
  const Message refused = invite(answer_to(before, "first"));
  EXPECT_EQ(refused.status(), 401) << "of a realm that is no more";
  EXPECT_THAT(refused.header("WWW-Authenticate"), HasSubstr("realm=\"second\""));
  EXPECT_TRUE(is_let_in(answer_to(refused, "second")));
  EXPECT_EQ(std::get<event::InviteReceived>(harness->events.front()).proven.primary().uri.user, "alice");
}

TEST_F(SipReload, RatesAreLimitedFromNowOn) {
  start_among_strangers();
  const auto answered = [this] {
    const std::size_t before = peer->inbox.size();
    for (int n = 0; n < 50; ++n) {
      peer->send(peer->request("SUBSCRIBE", "sip:c@h", next_call(), 1, "", "Event: nothing\r\n"));
    }
    harness->until([&] { return peer->inbox.size() == before + 50 || harness->logged("sip.source_limited"); });
    return peer->inbox.size() - before;
  };
  EXPECT_EQ(answered(), 50U);
  settings.max_rate_per_source = 1;
  settings.max_burst_per_source = 5;
  reload();
  EXPECT_LE(answered(), 7U);
  EXPECT_TRUE(harness->logged("sip.source_limited"));
  settings.max_rate_per_source = 0;
  reload();
  harness->records.clear();
  harness->pass(50ms);
  peer->inbox.clear();
  EXPECT_EQ(answered(), 50U);
}

TEST_F(SipReload, NamesLimitsAndTimersAreAskedAnew) {
  start();
  const Call call = establish(*harness, *peer, "old");
  settings.server_name = "other/2";
  settings.domain = "conf.example.net";
  settings.min_session_expires = 600s;
  settings.max_dialogs = 1;
  reload();
  const Message brief = invite("Supported: timer\r\nSession-Expires: 300\r\n");
  EXPECT_EQ(brief.status(), 422);
  EXPECT_EQ(brief.header("Min-SE"), "600");
  EXPECT_EQ(brief.header("Server"), "other/2");
  EXPECT_EQ(invite().status(), 503) << "as many dialogs as there may be";
  harness->agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  Message reinvite = harness->answer(*peer);
  while (reinvite.method().empty() && !::testing::Test::HasFailure()) reinvite = harness->answer(*peer);
  EXPECT_EQ(reinvite.header("User-Agent"), "other/2");
  EXPECT_EQ(reinvite.header("Contact"), "<" + call.target + ">;isfocus") << "a dialog keeps its own";
}

TEST_F(SipReload, WhoIsTrustedIsDecidedAnewAndAMistakeChangesNothing) {
  start_among_strangers();
  const std::string asserted = "P-Asserted-Identity: <sip:boss@example.net>\r\n";
  EXPECT_TRUE(is_let_in(asserted));
  EXPECT_TRUE(harness->next<event::InviteReceived>().proven.empty());
  settings.trusted_peers = {"127.0.0.1"};
  reload();
  EXPECT_TRUE(is_let_in(asserted));
  EXPECT_FALSE(harness->next<event::InviteReceived>().proven.empty());
  settings.trusted_peers = {"nonsense"};
  settings.server_name = "half";
  EXPECT_FALSE(harness->agent->reload(settings));
  const std::string call = next_call();
  peer->send(peer->request("SUBSCRIBE", "sip:c@h", call, 1, "", "Event: nothing\r\n"));
  EXPECT_EQ(answer_of(call).header("Server"), "clued");
}

// --- what cannot be built ---

class Unbuilt : public SipReload {
 protected:
  /// No configuration has that; a mistake of ours could.
  static constexpr const char* no_host = "foo bar>";

  /// Has the core answer with a Contact.
  void answer(base::RequestId request, int status = 200) {
    command::Respond one{request, status};
    one.contact = conference;
    one.reliable = status < 200;
    if (status == 200) one.sdp = some_sdp;
    harness->agent->execute(one);
  }

  std::size_t errors() const {
    return static_cast<std::size_t>(
        std::count_if(harness->records.begin(), harness->records.end(),
                      [](const auto& line) { return line.find("sip.message_unbuilt") == 0; }));
  }
};

TEST_F(Unbuilt, AnAnswerIsA500AndTheEndOfTheDialog) {
  settings.domain = no_host;
  start();
  peer->send(peer->request("INVITE", "sip:c@h", "broken", 1, "", sdp_type, some_sdp));
  const auto received = harness->next<event::InviteReceived>();
  answer(received.request);
  const Message seen = harness->answer(*peer);
  EXPECT_EQ(seen.status(), 500);
  EXPECT_EQ(harness->next<event::DialogTerminated>().dialog, received.dialog);
  EXPECT_EQ(errors(), 1U);
  EXPECT_TRUE(harness->idle());
}

TEST_F(Unbuilt, AReliableResponseLikewise) {
  settings.domain = no_host;
  start();
  peer->send(peer->request("INVITE", "sip:c@h", "early", 1, "", "Supported: 100rel\r\n" + sdp_type, some_sdp));
  const auto received = harness->next<event::InviteReceived>();
  answer(received.request, 183);
  EXPECT_EQ(harness->answer(*peer).status(), 500);
  EXPECT_EQ(harness->next<event::DialogTerminated>().dialog, received.dialog);
  EXPECT_EQ(errors(), 1U);
}

TEST_F(Unbuilt, WithinASessionTheCoreHearsThatNothingWasAgreed) {
  start();
  const Call call = establish(*harness, *peer, "session");
  settings.domain = no_host;
  reload();
  peer->send(peer->request("INVITE", call.target, call.id, 2, call.tag, sdp_type, some_sdp));
  answer(harness->next<event::ReinviteReceived>().request);
  EXPECT_EQ(harness->answer(*peer).status(), 500);
  EXPECT_EQ(harness->next<event::AckTimedOut>().dialog, call.dialog);
  EXPECT_EQ(errors(), 1U);
  // A request of ours fails as an event.
  harness->agent->execute(command::SendReinvite{call.dialog, conference, some_sdp});
  EXPECT_EQ(harness->next<event::ReinviteAnswered>().status, 503);
  EXPECT_EQ(errors(), 2U);
}

TEST_F(Unbuilt, ASubscriptionIsRefusedAndForgotten) {
  settings.domain = no_host;
  start();
  peer->send(peer->request("SUBSCRIBE", "sip:c@h", "watch", 1, "", "Event: conference\r\n"));
  const auto received = harness->next<event::SubscribeReceived>();
  harness->agent->execute(command::AcceptSubscribe{received.request, received.subscription, 60s, conference});
  EXPECT_EQ(harness->answer(*peer).status(), 500);
  EXPECT_EQ(harness->next<event::NotifyAnswered>().subscription, received.subscription);
  EXPECT_EQ(errors(), 1U);
}

}  // namespace
}  // namespace clued::sip::test
