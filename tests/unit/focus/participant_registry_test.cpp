#include "focus/participant_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clued::focus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SipUri uri(std::string user, std::string host) {
  SipUri made;
  made.user = std::move(user);
  made.host = std::move(host);
  return made;
}

ParticipantNames names(const SipUri& from, const SipUri& contact) {
  ParticipantNames made;
  made.from.uri = from;
  made.contact.uri = contact;
  return made;
}

constexpr ParticipantId bob{1}, carol{2}, carols_phone{3}, dave{4};

class Registry : public ::testing::Test {
 protected:
  Registry() {
    registry.add(bob, names(uri("bob", "example.net"), uri("bob", "192.0.2.1")));
    auto room = names(uri("carol", "example.net"), uri("carol", "192.0.2.2"));
    room.contact.instance = "urn:uuid:room";
    registry.add(carol, room);
    auto phone = names(uri("carol", "example.net"), uri("carol", "192.0.2.3"));
    phone.contact.instance = "urn:uuid:phone";
    registry.add(carols_phone, phone);
    auto asserted = names(uri("anonymous", "anonymous.invalid"), uri("x", "192.0.2.4"));
    asserted.proven.add({"Dave", uri("dave", "ims.example.net")});
    registry.add(dave, asserted);
  }
  ParticipantRegistry registry;
};

TEST_F(Registry, FindsByFrom) { EXPECT_THAT(registry.find(uri("bob", "example.net")), ElementsAre(bob)); }

TEST_F(Registry, FindsByAssertedIdentityFirst) {
  EXPECT_THAT(registry.find(uri("dave", "ims.example.net")), ElementsAre(dave));
  auto impostor = names(uri("dave", "ims.example.net"), uri("y", "192.0.2.9"));
  registry.add(ParticipantId{9}, impostor);
  EXPECT_THAT(registry.find(uri("dave", "ims.example.net")), ElementsAre(dave));
}

TEST_F(Registry, FindsByContactLast) { EXPECT_THAT(registry.find(uri("bob", "192.0.2.1")), ElementsAre(bob)); }

TEST_F(Registry, FindsWhoWasCalledAtAPortWithoutItIfThatIsNobodyElse) {
  SipUri at_port = uri("erin", "192.0.2.7");
  at_port.port = 47018;
  at_port.params = {{"transport", "tcp"}};
  registry.add(ParticipantId{5}, names(at_port, at_port));
  EXPECT_THAT(registry.find(uri("erin", "192.0.2.7")), IsEmpty()) << "RFC 3261 section 19.1.4";
  EXPECT_EQ(registry.find_at_any_port(uri("erin", "192.0.2.7")), ParticipantId{5});
  SipUri other = at_port;
  EXPECT_EQ(registry.find_at_any_port(other), std::nullopt) << "it names a port";
  EXPECT_EQ(registry.find_at_any_port(uri("Erin", "192.0.2.7")), std::nullopt);
  EXPECT_EQ(registry.find_at_any_port(uri("erin", "192.0.2.8")), std::nullopt);
  EXPECT_EQ(registry.find_at_any_port(uri("", "192.0.2.7")), std::nullopt);
  other.port = 47020;
  registry.add(ParticipantId{6}, names(other, other));
  EXPECT_EQ(registry.find_at_any_port(uri("erin", "192.0.2.7")), std::nullopt) << "one of two is a guess";
  registry.remove(ParticipantId{5});
  EXPECT_EQ(registry.find_at_any_port(uri("erin", "192.0.2.7")), ParticipantId{6});
}

TEST_F(Registry, MeansAllLegsOfAUser) {
  EXPECT_THAT(registry.find(uri("carol", "example.net")), ElementsAre(carol, carols_phone));
}

TEST_F(Registry, MeansOneLegByItsGruu) {
  auto gruu = uri("carol", "example.net");
  gruu.params.emplace_back("gr", "urn:uuid:phone");
  EXPECT_THAT(registry.find(gruu), ElementsAre(carols_phone));
  gruu.params[0].second = "urn:uuid:other";
  EXPECT_THAT(registry.find(gruu), IsEmpty());
  gruu = uri("carol", "example.org");
  gruu.params.emplace_back("gr", "urn:uuid:phone");
  EXPECT_THAT(registry.find(gruu), IsEmpty()) << "another carol's";
  auto other_user = uri("bob", "example.net");
  other_user.params.emplace_back("gr", "urn:uuid:phone");
  EXPECT_THAT(registry.find(other_user), IsEmpty());
}

// EVT-11, REF-03 c
TEST_F(Registry, FindsTheAnonymousByTheNameThatIsShown) {
  constexpr ParticipantId first{11}, second{12};
  auto hidden = names(uri("eve", "example.net"), uri("eve", "192.0.2.7"));
  hidden.anonymity = ParticipantNames::Anonymity{3, 11};
  EXPECT_EQ(hidden.shown().display_name, "Anonymous 3");
  EXPECT_EQ(hidden.shown_contact().to_string(), "sip:anonymous3@anonymous.invalid;gr=leg11");
  registry.add(first, hidden);
  hidden.anonymity->leg = 12;
  registry.add(second, hidden);
  EXPECT_THAT(registry.find(uri("anonymous3", "anonymous.invalid")), ElementsAre(first, second));
  EXPECT_THAT(registry.find(hidden.shown_contact()), ElementsAre(second));
  EXPECT_THAT(registry.find(uri("anonymous4", "anonymous.invalid")), IsEmpty());
  registry.remove(second);
  EXPECT_THAT(registry.find(uri("anonymous3", "anonymous.invalid")), ElementsAre(first));
  EXPECT_THAT(registry.find(hidden.shown_contact()), IsEmpty());
}

TEST_F(Registry, DoesNotTakeOneForAnother) {
  EXPECT_THAT(registry.find(uri("bob", "example.com")), IsEmpty());
  EXPECT_THAT(registry.find(uri("bo", "example.net")), IsEmpty());
  EXPECT_THAT(registry.find(uri("", "example.net")), IsEmpty());
}

// REF-03: what a Refer-To may say, and whom it means.
TEST_F(Registry, ComparesAsSipAndTelephonyDo) {
  constexpr ParticipantId erin{5}, frank{6};
  auto asserted_tel = names(uri("erin", "example.net"), uri("erin", "192.0.2.5"));
  asserted_tel.proven.add({"Erin", {"tel", "+49-30-1234", "", 0, {}}});
  registry.add(erin, asserted_tel);
  auto secure = uri("frank", "example.net");
  secure.scheme = "sips";
  registry.add(frank, names(secure, uri("frank", "192.0.2.6")));

  struct Row {
    const char* name;
    SipUri uri;
    std::vector<ParticipantId> expected;
  };
  const Row rows[] = {
      {"the method is not part of the name", {"sip", "bob", "example.net", 0, {{"method", "BYE"}}}, {bob}},
      {"hosts have no case", {"sip", "bob", "EXAMPLE.net", 0, {}}, {bob}},
      {"users have", {"sip", "Bob", "example.net", 0, {}}, {}},
      {"another port is another place", {"sip", "bob", "example.net", 5070, {}}, {}},
      {"a parameter of the transport counts", {"sip", "bob", "example.net", 0, {{"transport", "tcp"}}}, {}},
      {"an unknown parameter does not", {"sip", "bob", "example.net", 0, {{"x", "y"}}}, {bob}},
      {"tel as it was asserted", {"tel", "+49-30-1234", "", 0, {}}, {erin}},
      {"visual separators are nothing", {"tel", "+49301234", "", 0, {}}, {erin}},
      {"sip with user=phone is a number too",
       {"sip", "+49.30.1234", "ims.example.net", 0, {{"user", "phone"}}},
       {erin}},
      {"without it, it is a user", {"sip", "+49301234", "ims.example.net", 0, {}}, {}},
      {"another number", {"tel", "+49301235", "", 0, {}}, {}},
      {"who has an asserted identity is still found by From", {"sip", "erin", "example.net", 0, {}}, {erin}},
      {"sips is not sip", {"sip", "frank", "example.net", 0, {}}, {}},
      {"but itself", {"sips", "frank", "example.net", 0, {}}, {frank}},
      {"a Contact names one leg", {"sip", "carol", "192.0.2.3", 0, {}}, {carols_phone}},
      {"an empty gr names no leg", {"sip", "carol", "example.net", 0, {{"gr", ""}}}, {carol, carols_phone}},
  };
  for (const auto& row : rows) EXPECT_EQ(registry.find(row.uri), row.expected) << row.name;
}

// RFC 3325: a user agent may have a SIP and a tel identity, and a certificate more.
TEST_F(Registry, FindsByEachProvenIdentity) {
  constexpr ParticipantId grace{7}, number_alone{8};
  auto both = names(uri("+493012", "gateway.example.net"), uri("g", "192.0.2.7"));
  both.proven.add({"", {"tel", "+49-30-12", "", 0, {}}});
  both.proven.add({"Grace", uri("grace", "example.net")});
  registry.add(grace, both);
  auto number = names(uri("x", "example.net"), uri("g", "192.0.2.8"));
  number.proven.add({"", {"sip", "+493012", "gateway.example.net", 0, {{"user", "phone"}}}});
  registry.add(number_alone, number);
  EXPECT_THAT(registry.find(uri("grace", "example.net")), ElementsAre(grace));
  EXPECT_THAT(registry.find({"tel", "+493012", "", 0, {}}), ElementsAre(grace, number_alone));
  EXPECT_THAT(registry.find_proven(both.proven), ElementsAre(grace, number_alone));
  EXPECT_THAT(registry.find_proven({}), IsEmpty());
  registry.remove(grace);
  EXPECT_THAT(registry.find({"tel", "+493012", "", 0, {}}), ElementsAre(number_alone));
  EXPECT_THAT(registry.find(uri("grace", "example.net")), IsEmpty());
  EXPECT_THAT(registry.find(uri("g", "192.0.2.7")), IsEmpty());
}

TEST_F(Registry, FindsByTheNameThatTheOthersKnow) {
  constexpr ParticipantId henry{7};
  auto second_leg = names(uri("h", "gateway.example.net"), uri("h", "192.0.2.7"));
  second_leg.known_as = NameAddress{"Henry", uri("henry", "example.net")};
  registry.add(henry, second_leg);
  EXPECT_THAT(registry.find(uri("henry", "example.net")), ElementsAre(henry));
  EXPECT_THAT(registry.find(uri("h", "gateway.example.net")), ElementsAre(henry));
}

TEST_F(Registry, KnowsAnInstanceInAnySpelling) {  // RFC 8141 section 3.1, RFC 4122 section 3
  constexpr ParticipantId room{7}, other{8};
  auto one = names(uri("room", "example.net"), uri("r", "192.0.2.7"));
  one.contact.instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  registry.add(room, one);
  one.contact.instance = "urn:example:Ab";
  registry.add(other, one);
  const auto find = [&](const char* gr) {
    auto gruu = uri("room", "example.net");
    gruu.params.emplace_back("gr", gr);
    return registry.find(gruu);
  };
  EXPECT_THAT(find("URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"), ElementsAre(room));
  EXPECT_THAT(find("<urn:UUID:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"), ElementsAre(room));
  EXPECT_THAT(find("URN:Example:Ab"), ElementsAre(other));
  EXPECT_THAT(find("urn:example:ab"), IsEmpty()) << "what a namespace does not say is the same is not";
}

TEST_F(Registry, ForgetsWhoIsRemoved) {
  registry.remove(carol);
  EXPECT_THAT(registry.find(uri("carol", "example.net")), ElementsAre(carols_phone));
  registry.remove(carols_phone);
  registry.remove(carols_phone);
  EXPECT_THAT(registry.find(uri("carol", "example.net")), IsEmpty());
}

}  // namespace
}  // namespace clued::focus
