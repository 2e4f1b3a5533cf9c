// RFC 8445 section 7.3 for lite agents, in virtual time and without sockets.
#include "channel/stun_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "channel/stun_message.hpp"
#include "component/channel/stun_request.hpp"

namespace clued::channel::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Endpoint = StunServer::Endpoint;

Endpoint at(std::uint16_t port, const char* address = "192.0.2.7") {
  return {boost::asio::ip::make_address(address), port};
}

struct FakeAgent final : StunServer::Agent {
  std::string_view password() const noexcept override { return secret; }
  void checked(const Endpoint& from, bool nominated, base::TimePoint) noexcept override {
    checks.emplace_back(from.port(), nominated);
  }
  void received(Bytes datagram) noexcept override { data.emplace_back(text_of(datagram)); }

  std::string secret = "the password of this agent";
  std::vector<std::pair<int, bool>> checks;
  std::vector<std::string> data;
};

class StunServerTest : public testing::Test {
 protected:
  StunServerTest()
      : server(
            [this](Bytes datagram, const Endpoint& to) { answers.emplace_back(std::string(text_of(datagram)), to); }) {
    server.add("Here", agent);
    server.add("There", other);
    other.secret = "the password of the other one";
  }

  StunRequest request(const char* ufrag = "Here") const {
    StunRequest made;
    made.username = std::string(ufrag) + ":peer";
    made.password = std::string(ufrag) == "There" ? other.secret : agent.secret;
    return made;
  }
  void receive(const std::string& datagram, const Endpoint& from = at(1000)) {
    server.receive(bytes_of(datagram), from, now);
  }
  /// The type of the only answer, and of an error its code; 0 when there was none. Takes it.
  int answer() {
    const auto taken = std::exchange(answers, {});
    if (taken.empty()) return 0;
    EXPECT_EQ(taken.size(), 1U);
    const auto message = parse_stun(bytes_of(taken[0].first));
    if (!message) return -1;
    EXPECT_EQ(text_of(message->transaction_id), "abcdefghijkl");
    if (message->message_class == StunClass::success_response) return 200;
    const auto& text = taken[0].first;
    return text[26] * 100 + text[27];
  }

  StunServer server;
  FakeAgent agent;
  FakeAgent other;
  std::vector<std::pair<std::string, Endpoint>> answers;
  base::TimePoint now{1h};
};

TEST_F(StunServerTest, AnswersACheckAndTellsItsAgent) {
  auto nominating = request();
  receive(nominating.to_bytes());
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].second, at(1000));
  EXPECT_EQ(answer(), 200);
  nominating.use_candidate = true;
  receive(nominating.to_bytes());
  EXPECT_EQ(answer(), 200);
  EXPECT_THAT(agent.checks, ElementsAre(std::pair(1000, false), std::pair(1000, true)));
  EXPECT_THAT(other.checks, IsEmpty());
}

TEST_F(StunServerTest, RefusesByTheBook) {
  struct Case {
    const char* what;
    int code;
    void (*change)(StunRequest&);
  };
  for (const Case& one : {
           Case{"no username", 400, [](StunRequest& r) { r.username = ""; }},
           Case{"no integrity", 400, [](StunRequest& r) { r.password.reset(); }},
           Case{"username of one part", 401, [](StunRequest& r) { r.username = "Here"; }},
           Case{"unknown ufrag", 401, [](StunRequest& r) { r.username = "Her:peer"; }},
           Case{"no ufrag", 401, [](StunRequest& r) { r.username = ":peer"; }},
           Case{"ufrags in the wrong order", 401, [](StunRequest& r) { r.username = "peer:Here"; }},
           Case{"wrong password", 401, [](StunRequest& r) { r.password = "the password of the other one"; }},
           Case{"unknown attribute", 420, [](StunRequest& r) { r.extra = stun_attribute(0x7f00, "?"); }},
           Case{"the peer does not want to control", 487,
                [](StunRequest& r) { r.ice_controlled = true, r.ice_controlling = false; }},
           Case{"both roles", 400, [](StunRequest& r) { r.ice_controlled = true; }},
           Case{"no fingerprint", 0, [](StunRequest& r) { r.fingerprint = false; }},
           Case{"another method", 0, [](StunRequest& r) { r.type = 0x0003; }},
           Case{"an indication", 0, [](StunRequest& r) { r.type = 0x0011; }},
           Case{"a response", 0, [](StunRequest& r) { r.type = 0x0101; }},
       }) {
    auto changed = request();
    changed.use_candidate = true;
    one.change(changed);
    receive(changed.to_bytes());
    EXPECT_EQ(answer(), one.code) << one.what;
  }
  EXPECT_THAT(agent.checks, IsEmpty());
  receive("\x16 data");
  EXPECT_THAT(agent.data, IsEmpty()) << "nothing was proven";
  EXPECT_EQ(server.counters().refused, 10U);
  EXPECT_EQ(server.counters().dropped, 4U) << "what is neither answered nor an indication";
}

TEST_F(StunServerTest, AnswersOldPeersThatTellNoRole) {
  auto plain = request();
  plain.ice_controlling = false;
  plain.priority.reset();
  receive(plain.to_bytes());
  EXPECT_EQ(answer(), 200);
}

TEST_F(StunServerTest, AnswersWhatWasAuthenticatedWithIntegrity) {
  const auto is_protected = [this] {
    const auto taken = std::exchange(answers, {});
    return !taken.empty() && !parse_stun(bytes_of(taken[0].first))->integrity.empty();
  };
  auto changed = request();
  receive(changed.to_bytes());
  EXPECT_TRUE(is_protected());
  changed.extra = stun_attribute(0x7f00, "?");
  receive(changed.to_bytes());
  EXPECT_TRUE(is_protected());
  changed.password = "wrong";
  receive(changed.to_bytes());
  EXPECT_FALSE(is_protected()) << "an oracle for who guesses, else";
}

TEST_F(StunServerTest, GivesDataToWhoProvedTheAddress) {
  receive("\x16 nobody's", at(1000));
  receive(request().to_bytes(), at(1000));
  receive(request("There").to_bytes(), at(2000));
  receive("\x16 one", at(1000));
  receive("\x16 two", at(2000));
  receive("\x16 nobody's", at(3000));
  receive("\x16 nobody's", at(1000, "192.0.2.8"));
  receive("", at(1000));
  EXPECT_THAT(agent.data, ElementsAre("\x16 one", ""));
  EXPECT_THAT(other.data, ElementsAre("\x16 two"));
  EXPECT_EQ(server.counters().dropped, 3U);
}

TEST_F(StunServerTest, TellsIpv6AddressesApart) {
  receive(request().to_bytes(), at(1000, "2001:db8::1"));
  receive(request("There").to_bytes(), at(1000, "2001:db8::2"));
  receive("\x16 one", at(1000, "2001:db8::1"));
  receive("\x16 two", at(1000, "2001:db8::2"));
  EXPECT_THAT(agent.data, ElementsAre("\x16 one"));
  EXPECT_THAT(other.data, ElementsAre("\x16 two"));
}

TEST_F(StunServerTest, KeepsAnAddressFromOthersWhileItsPeerIsHeard) {
  receive(request().to_bytes());
  now += 14s;
  answers.clear();
  receive(request("There").to_bytes());
  EXPECT_EQ(answer(), 0);
  EXPECT_THAT(other.checks, IsEmpty());
  receive(request().to_bytes());
  now += 14s;
  receive("\x16 mine", at(1000));
  EXPECT_THAT(agent.data, ElementsAre("\x16 mine"));
  now += 1s;
  answers.clear();
  receive(request("There").to_bytes());
  EXPECT_EQ(answer(), 200) << "a NAT gave the port to somebody else";
  receive("\x16 of the other", at(1000));
  EXPECT_THAT(other.data, ElementsAre("\x16 of the other"));
  server.remove("Here");
  receive("\x16 still", at(1000));
  EXPECT_EQ(other.data.size(), 2U) << "the end of the former owner changes nothing";
}

TEST_F(StunServerTest, LetsANewChannelHaveTheAddressOfOneThatIsClosing) {
  receive(request().to_bytes());
  server.yield("Here");
  receive("\x16 until then", at(1000));
  answers.clear();
  receive(request("There").to_bytes());
  EXPECT_EQ(answer(), 200);
  receive("\x16 from then on", at(1000));
  EXPECT_THAT(agent.data, ElementsAre("\x16 until then"));
  EXPECT_THAT(other.data, ElementsAre("\x16 from then on"));
}

TEST_F(StunServerTest, KeepsWhatALitePeerIsSaidToUse) {
  EXPECT_TRUE(server.claim("Here", at(1000), now));
  now += 1h;
  EXPECT_FALSE(server.claim("There", at(1000), now));
  receive(request("There").to_bytes());
  EXPECT_EQ(answer(), 0);
  receive("\x16 data", at(1000));
  EXPECT_THAT(agent.data, ElementsAre("\x16 data"));
}

TEST_F(StunServerTest, RemembersTheLatestAddressesOfOnePeer) {
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    now += 1ms;
    receive(request().to_bytes(), at(port));
  }
  for (std::uint16_t port = 1; port <= 1000; ++port) receive("\x16", at(port));
  EXPECT_EQ(agent.data.size(), 16U);
  receive("\x16", at(1000));
  EXPECT_EQ(agent.data.size(), 17U) << "the last one is among them";
}

TEST_F(StunServerTest, ForgetsWhoIsRemoved) {
  receive(request().to_bytes());
  answers.clear();
  server.remove("Here");
  server.remove("Here");
  receive("\x16 late", at(1000));
  EXPECT_THAT(agent.data, IsEmpty());
  receive(request().to_bytes());
  EXPECT_EQ(answer(), 401);
  EXPECT_TRUE(server.add("Here", other)) << "the name is free again";
  EXPECT_FALSE(server.add("Here", agent));
}

}  // namespace
}  // namespace clued::channel::test
