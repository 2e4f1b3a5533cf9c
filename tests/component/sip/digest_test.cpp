// Who is asked for a password, and what counts as the right answer (FOC-17; RFC 3261 section 22, RFC 7616, RFC 8760).
#include "sip/digest.hpp"

#include <gmock/gmock.h>

#include "component/sip/harness.hpp"

namespace clued::sip::test {
namespace {

using namespace std::chrono_literals;
namespace event = focus::event;
namespace command = focus::command;
using Verdict = DigestAuthenticator::Verdict;

std::string hash(DigestAlgorithm algorithm, const std::string& a, const std::string& b, const std::string& c) {
  return digest_a1(algorithm, a, b, c);
}

/// The response of RFC 7616 section 3.4.1 with qop=auth. `uri` has a colon or a slash after its first part.
std::string response(DigestAlgorithm algorithm, const std::string& a1, const Credentials& c, const std::string& a2) {
  return hash(algorithm, a1, c.nonce, c.nc + ":" + c.cnonce + ":" + c.qop + ":" + a2);
}

TEST(Digest, HashesAreThoseOfTheRfc) {  // RFC 7616 section 3.9.1
  Credentials c;
  c.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  c.nc = "00000001";
  c.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  c.qop = "auth";
  for (const auto& [algorithm, a2, expected] : std::vector<std::tuple<DigestAlgorithm, std::string, std::string>>{
           {DigestAlgorithm::sha256, "9a3fdae9a622fe8de177c24fa9c070f2b181ec85e15dcbdc32e10c82ad450b04",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
           {DigestAlgorithm::md5, "39aff3a2bab6126f332b942af96d3366", "8ca523f5e9506fed4657c9700eebdbec"}}) {
    const std::string a1 = digest_a1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
    EXPECT_EQ(response(algorithm, a1, c, a2), expected);
  }
}

AuthSettings settings_with_alice() {
  AuthSettings settings;
  settings.require = AuthSettings::Require::untrusted;
  settings.realm = "test";
  AuthUser alice;
  alice.name = "alice";
  alice.a1_sha256 = digest_a1(DigestAlgorithm::sha256, "alice", "test", "secret");
  alice.a1_md5 = digest_a1(DigestAlgorithm::md5, "alice", "test", "secret");
  alice.identity.uri.user = "alice";
  alice.identity.uri.host = "users.example.net";
  settings.users = {alice};
  return settings;
}

std::string nonce_of(const std::string& challenge) {
  const std::size_t at = challenge.find("nonce=\"") + 7;
  return challenge.substr(at, challenge.find('"', at) - at);
}

/// What a client makes of a challenge for a request to sip:c@h.
Credentials answer_to(const std::string& challenge, const std::string& method, const std::string& password = "secret",
                      const std::string& nc = "00000001") {
  const bool sha = challenge.find("SHA-256") != std::string::npos;
  const DigestAlgorithm algorithm = sha ? DigestAlgorithm::sha256 : DigestAlgorithm::md5;
  Credentials c{"alice", "test", nonce_of(challenge), "sip:c@h", "", sha ? "SHA-256" : "", "cn", nc, "auth"};
  c.response =
      response(algorithm, digest_a1(algorithm, "alice", "test", password), c, hash(algorithm, method, "sip", "c@h"));
  return c;
}

std::string header_of(const Credentials& c) {
  return "Authorization: Digest username=\"" + c.username + "\", realm=\"" + c.realm + "\", nonce=\"" + c.nonce +
         "\", uri=\"" + c.uri + "\", response=\"" + c.response + "\"" +
         (c.algorithm.empty() ? "" : ", algorithm=" + c.algorithm) + ", cnonce=\"" + c.cnonce + "\", nc=" + c.nc +
         ", qop=" + c.qop + "\r\n";
}

class DigestTest : public testing::Test {
 protected:
  AuthSettings settings = settings_with_alice();
  DigestAuthenticator::Key key{1, 2, 3};
  DigestAuthenticator digest{settings, key};
  DigestAuthenticator::Time now{1h};
};

TEST_F(DigestTest, BothChallengesCanBeAnswered) {
  const auto challenges = digest.challenges(now, false);
  ASSERT_EQ(challenges.size(), 2U);
  EXPECT_THAT(challenges[0], testing::HasSubstr("algorithm=SHA-256"));
  EXPECT_THAT(challenges[1], testing::HasSubstr("algorithm=MD5"));
  EXPECT_THAT(challenges[0], testing::Not(testing::HasSubstr("stale")));
  EXPECT_THAT(digest.challenges(now, true)[0], testing::HasSubstr("stale=true"));
  for (const std::string& challenge : challenges) {
    // One nonce for both: a client answers one of them.
    const auto result = digest.verify(
        answer_to(challenge, "INVITE", "secret", challenge == challenges[0] ? "00000001" : "00000002"), "INVITE", now);
    EXPECT_EQ(result.verdict, Verdict::accepted) << challenge;
    ASSERT_NE(result.user, nullptr);
    EXPECT_EQ(result.user->name, "alice");
  }
}

TEST_F(DigestTest, WrongAnswersAreRefused) {
  const std::string challenge = digest.challenges(now, false)[0];
  EXPECT_EQ(digest.verify(answer_to(challenge, "INVITE", "wrong"), "INVITE", now).verdict, Verdict::refused);
  EXPECT_EQ(digest.verify(answer_to(challenge, "INVITE"), "REFER", now).verdict, Verdict::refused);
  Credentials other = answer_to(challenge, "INVITE");
  other.username = "bob";
  EXPECT_EQ(digest.verify(other, "INVITE", now).verdict, Verdict::refused);
  other = answer_to(challenge, "INVITE");
  other.uri = "sip:other@h";
  EXPECT_EQ(digest.verify(other, "INVITE", now).verdict, Verdict::refused);
  other.response.clear();
  EXPECT_EQ(digest.verify(other, "INVITE", now).verdict, Verdict::refused);
}

TEST_F(DigestTest, WhatIsNoAnswerToAChallengeOfOursIsUnusable) {
  const std::string challenge = digest.challenges(now, false)[0];
  const auto changed = [&](auto change) {
    Credentials c = answer_to(challenge, "INVITE");
    change(c);
    return digest.verify(c, "INVITE", now).verdict;
  };
  EXPECT_EQ(changed([](Credentials& c) { c.nonce[20] = c.nonce[20] == '0' ? '1' : '0'; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.nonce.clear(); }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.nonce.append(100'000, 'a'); }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.realm = "another"; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.qop = ""; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.qop = "auth-int"; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.nc = "1"; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.nc = "zzzzzzzz"; }), Verdict::unusable);
  EXPECT_EQ(changed([](Credentials& c) { c.algorithm = "SHA-512-256"; }), Verdict::unusable);
  DigestAuthenticator other(settings, {9});
  EXPECT_EQ(other.verify(answer_to(challenge, "INVITE"), "INVITE", now).verdict, Verdict::unusable)
      << "another's nonce";
}

TEST_F(DigestTest, NonceGetsStaleWithTime) {
  const std::string challenge = digest.challenges(now, false)[0];
  EXPECT_EQ(digest.verify(answer_to(challenge, "INVITE"), "INVITE", now + 5min).verdict, Verdict::accepted);
  EXPECT_EQ(digest.verify(answer_to(challenge, "INVITE", "secret", "00000002"), "INVITE", now + 5min + 1ms).verdict,
            Verdict::stale);
  // Only who knows the password hears that it is a matter of time.
  EXPECT_EQ(digest.verify(answer_to(challenge, "INVITE", "wrong"), "INVITE", now + 6min).verdict, Verdict::refused);
}

TEST_F(DigestTest, EachNonceCountIsGoodForOneRequestInAnyOrder) {
  const std::string challenge = digest.challenges(now, false)[0];
  const auto with = [&](const char* nc) {
    return digest.verify(answer_to(challenge, "INVITE", "secret", nc), "INVITE", now).verdict;
  };
  EXPECT_EQ(with("00000001"), Verdict::accepted);
  EXPECT_EQ(with("00000001"), Verdict::stale) << "replayed";
  EXPECT_EQ(with("00000003"), Verdict::accepted);
  EXPECT_EQ(with("00000002"), Verdict::accepted) << "overtaken";
  EXPECT_EQ(with("00000002"), Verdict::stale);
  EXPECT_EQ(with("0000ffff"), Verdict::accepted);
  EXPECT_EQ(with("00000004"), Verdict::stale) << "too far back to be remembered";
  EXPECT_EQ(with("FFFFFFFF"), Verdict::accepted);
  EXPECT_EQ(with("ffffffff"), Verdict::stale);
}

TEST_F(DigestTest, MemoryIsBoundedAndAForgottenNonceIsNotGoodAgain) {
  const std::string first = digest.challenges(now, false)[0];
  EXPECT_EQ(digest.verify(answer_to(first, "INVITE"), "INVITE", now).verdict, Verdict::accepted);
  for (std::size_t i = 0; i < DigestAuthenticator::max_used_nonces; ++i) {
    const std::string challenge = digest.challenges(now, false)[0];
    ASSERT_EQ(digest.verify(answer_to(challenge, "INVITE"), "INVITE", now).verdict, Verdict::accepted);
  }
  EXPECT_EQ(digest.verify(answer_to(first, "INVITE"), "INVITE", now).verdict, Verdict::stale);
  EXPECT_EQ(digest.verify(answer_to(digest.challenges(now, false)[0], "INVITE"), "INVITE", now).verdict,
            Verdict::accepted);
}

class Challenge : public testing::Test {
 protected:
  static Settings settings() {
    Settings settings = Harness::quick();
    settings.trusted_peers.clear();
    settings.auth = settings_with_alice();
    return settings;
  }
  Harness harness{"127.0.0.1", settings()};
  Peer peer{harness.io, Wire::udp, harness.uri(Wire::udp)};

  Message challenged(const std::string& method, const std::string& call, const std::string& extra = "") {
    peer.send(peer.request(method, "sip:c@h", call, 1, "", extra));
    const Message answer = harness.answer(peer);
    EXPECT_EQ(answer.status(), 401) << method;
    if (method == "INVITE")
      peer.send(peer.request("ACK", "sip:c@h", call, 1, tag_of(answer.header("To")), answer.all("Via")));
    return answer;
  }
};

TEST_F(Challenge, GoesToWhatBeginsSomethingAndChangesNothing) {
  for (const std::string method : {"INVITE", "REFER", "SUBSCRIBE"}) {
    const Message answer =
        challenged(method, "first-" + method, "Refer-To: <sip:b@h;method=BYE>\r\nEvent: conference\r\n");
    EXPECT_EQ(answer.count("WWW-Authenticate"), 2U);
    EXPECT_THAT(answer.header("WWW-Authenticate"), testing::HasSubstr("SHA-256")) << "the best comes first (RFC 8760)";
    EXPECT_TRUE(answer.header("Contact").empty());
  }
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(harness.idle());
  EXPECT_FALSE(harness.logged("sip.authentication_failed")) << "a first request without password is no failure";
  // These are answered as always.
  peer.send(peer.request("OPTIONS", "sip:c@h", "options", 1));
  harness.next<event::OptionsReceived>();
  for (const std::string method : {"BYE", "INVITE"}) {
    peer.send(peer.request(method, "sip:c@h", "foreign-" + method, 1, "foreign"));
    EXPECT_EQ(harness.answer(peer).status(), 481);
  }
}

TEST_F(Challenge, RightAnswerIsLetInUnderTheUsersIdentity) {  // FOC-17
  const Message first = challenged("INVITE", "right");
  const std::string forged = "P-Asserted-Identity: <sip:admin@example.net>\r\n";
  peer.send(peer.request("INVITE", "sip:c@h", "right", 2, "",
                         forged + header_of(answer_to(first.header("WWW-Authenticate"), "INVITE"))));
  const auto invite = harness.next<event::InviteReceived>();
  ASSERT_FALSE(invite.proven.empty());
  EXPECT_EQ(invite.proven.primary().uri.to_string(), "sip:alice@users.example.net");
  harness.agent->execute(command::Respond{invite.request, 200, "", conference, some_sdp, false, {}, {}});
  const Message ok = harness.answer(peer);
  const std::string tag = tag_of(ok.header("To"));
  peer.send(peer.request("ACK", "sip:c@h", "right", 2, tag));
  harness.next<event::AckReceived>();

  // In the dialog from the same place nobody is asked again, and the identity stays.
  peer.send(peer.request("REFER", "sip:c@h", "right", 3, tag, "Refer-To: <sip:b@h;method=BYE>\r\n"));
  const auto refer = harness.next<event::ReferReceived>();
  ASSERT_FALSE(refer.proven.empty());
  EXPECT_EQ(refer.proven.primary().uri.user, "alice");
  harness.agent->execute(command::Respond{refer.request, 403, "", {}, {}, false, {}, {}});
  EXPECT_EQ(harness.answer(peer).status(), 403);
  peer.send(peer.request("BYE", "sip:c@h", "right", 4, tag));
  EXPECT_EQ(harness.answer(peer).status(), 200);
  EXPECT_TRUE(harness.idle());
}

TEST_F(Challenge, WrongPasswordIsLoggedAndAskedForAgain) {
  const Message first = challenged("INVITE", "wrong");
  const Message second =
      challenged("INVITE", "wrong-2", header_of(answer_to(first.header("WWW-Authenticate"), "INVITE", "guess")));
  EXPECT_THAT(second.header("WWW-Authenticate"), testing::Not(testing::HasSubstr("stale")));
  EXPECT_TRUE(harness.logged("sip.authentication_failed call_id=wrong-2 user=alice"));
  EXPECT_FALSE(harness.logged("guess"));
  EXPECT_TRUE(harness.idle());
}

TEST_F(Challenge, ReplayedAnswerIsStale) {
  const Message first = challenged("SUBSCRIBE", "replay");
  const std::string answer = header_of(answer_to(first.header("WWW-Authenticate"), "REFER"));
  peer.send(peer.request("REFER", "sip:c@h", "replay-1", 1, "", "Refer-To: <sip:b@h;method=BYE>\r\n" + answer));
  harness.next<event::ReferReceived>();
  EXPECT_THAT(challenged("REFER", "replay-2", "Refer-To: <sip:b@h;method=BYE>\r\n" + answer).header("WWW-Authenticate"),
              testing::HasSubstr("stale=true"));
}

TEST_F(Challenge, RequestInTheDialogFromElsewhereIsAskedAgain) {
  Settings two = settings();
  two.listen = {{"127.0.0.1", 0, true, false}, {"127.0.0.2", 0, true, false}};
  harness.agent = std::make_unique<Agent>(
      harness.io, two, [this](focus::Event one) { harness.events.push_back(std::move(one)); },
      [](const base::Record&) {});
  ASSERT_TRUE(harness.agent->start().has_value());
  Peer home(harness.io, Wire::udp, harness.agent->bound()[0]);
  Peer thief(harness.io, Wire::udp, harness.agent->bound()[1]);
  home.send(home.request("INVITE", "sip:c@h", "move", 1));
  const Message refused = harness.answer(home);
  home.send(home.request("ACK", "sip:c@h", "move", 1, tag_of(refused.header("To")), refused.all("Via")));
  const std::string challenge = refused.header("WWW-Authenticate");
  const Call call =
      establish(harness, home, "move-2", header_of([&] {
                  Credentials c{"alice",    "test", nonce_of(challenge), "sip:conf-1@example.net", "", "SHA-256", "cn",
                                "00000001", "auth"};
                  const auto sha = DigestAlgorithm::sha256;
                  c.response = response(sha, digest_a1(sha, "alice", "test", "secret"), c,
                                        hash(sha, "INVITE", "sip", "conf-1@example.net"));
                  return c;
                }()));
  thief.send(thief.request("BYE", "sip:c@h", call.id, 7, call.tag));
  const Message asked = harness.answer(thief);
  EXPECT_EQ(asked.status(), 401);
  EXPECT_EQ(harness.agent->census().dialogs, 1U);
  // The peer itself, on another network now.
  thief.send(thief.request("BYE", "sip:c@h", call.id, 8, call.tag,
                           header_of(answer_to(asked.header("WWW-Authenticate"), "BYE"))));
  EXPECT_EQ(harness.answer(thief).status(), 200);
  harness.next<event::ByeReceived>();
}

TEST(NoChallenge, ForTrustedPeersOrWithoutConfiguration) {
  for (const bool trusted : {true, false}) {
    Settings settings = Harness::quick();
    settings.auth = settings_with_alice();
    if (!trusted) {
      settings.trusted_peers.clear();
      settings.auth.require = AuthSettings::Require::never;
    }
    Harness harness("127.0.0.1", settings);
    Peer peer(harness.io, Wire::tcp, harness.uri(Wire::tcp));
    peer.send(peer.request("INVITE", "sip:c@h", "no", 1, "", "P-Asserted-Identity: <sip:al@ims>\r\n"));
    EXPECT_EQ(!harness.next<event::InviteReceived>().proven.empty(), trusted);
  }
}

}  // namespace
}  // namespace clued::sip::test
