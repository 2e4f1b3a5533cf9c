// The rights table: role x action x setting (REF-05, FOC-05).
#include "focus/rights.hpp"

#include <gtest/gtest.h>

#include <string>

namespace clued::focus {
namespace {

using Ring = Permission::Ring;

constexpr Action actions[] = {Action::create, Action::join, Action::invite,   Action::invite_list,
                              Action::remove, Action::end,  Action::subscribe};
constexpr Role roles[] = {Role::stranger, Role::participant, Role::moderator, Role::creator};

SipUri uri(std::string user, std::string host) {
  SipUri made;
  made.user = std::move(user);
  made.host = std::move(host);
  return made;
}

ProvenIdentities proven(std::string user, std::string host) {
  return ProvenIdentities({"", uri(std::move(user), std::move(host))});
}

struct Row {
  Ring ring;
  // stranger, participant, moderator, creator: without and with a proven identity
  bool unproven[4];
  bool proven[4];
};

constexpr Row rows[] = {
    {Ring::nobody, {false, false, false, false}, {false, false, false, false}},
    {Ring::moderators, {false, false, true, true}, {false, false, true, true}},
    {Ring::participants, {false, true, true, true}, {false, true, true, true}},
    {Ring::identified, {false, true, true, true}, {true, true, true, true}},
    {Ring::anyone, {true, true, true, true}, {true, true, true, true}},
};

void set(Rights& rights, Action action, Permission permission) {
  Permission* const all[] = {&rights.create, &rights.join, &rights.invite,   &rights.invite_list,
                             &rights.remove, &rights.end,  &rights.subscribe};
  *all[static_cast<int>(action)] = std::move(permission);
}

TEST(Rights, EachRingForEachRoleAndEachActionAlone) {
  const auto somebody = proven("somebody", "example.com");
  for (const auto& row : rows) {
    for (const auto action : actions) {
      Rights rights;
      for (const auto other : actions) set(rights, other, {Ring::nobody, {}, {}});
      set(rights, action, {row.ring, {}, {}});
      for (const auto role : roles) {
        const auto index = static_cast<std::size_t>(role);
        SCOPED_TRACE(std::to_string(static_cast<int>(row.ring)) + " " + std::to_string(static_cast<int>(action)) + " " +
                     std::string(name_of(role)));
        EXPECT_EQ(rights.allow(action, role, {}), row.unproven[index]);
        EXPECT_EQ(rights.allow(action, role, somebody), row.proven[index]);
        for (const auto other : actions) {
          EXPECT_TRUE(other == action || !rights.allow(other, role, somebody));
        }
      }
    }
  }
}

TEST(Rights, AListIsForProvenIdentities) {
  const Permission listed{Ring::moderators, {uri("alice", "example.com")}, {"example.org"}};
  const auto alice = proven("alice", "example.com"), bob = proven("bob", "example.com"),
             eve = proven("eve", "example.org");
  EXPECT_TRUE(listed.includes(Role::stranger, alice));
  EXPECT_TRUE(listed.includes(Role::stranger, eve)) << "her domain is listed";
  EXPECT_FALSE(listed.includes(Role::participant, bob));
  EXPECT_FALSE(listed.includes(Role::stranger, {})) << "nobody proved to be anybody";
  EXPECT_TRUE(listed.includes(Role::moderator, {})) << "moderators need not be listed";
}

TEST(Rights, ATelephoneNumberIsTheSameInBothSchemes) {
  SipUri tel;
  tel.scheme = "tel";
  tel.user = "+49-30-123";
  auto phone = uri("+4930123", "ims.example.net");
  phone.params.emplace_back("user", "phone");
  const Permission listed{Ring::nobody, {tel}, {}};
  EXPECT_TRUE(listed.includes(Role::stranger, ProvenIdentities({"", phone})));
}

TEST(Rights, EachOfTheProvenIdentitiesCounts) {
  auto alice = proven("alice", "example.com");
  alice.add({"", {"tel", "+4930123", "", 0, {}}});
  const Permission by_number{Ring::nobody, {{"tel", "+49-30-123", "", 0, {}}}, {}};
  const Permission by_name{Ring::nobody, {uri("alice", "example.com")}, {}};
  const Permission by_domain{Ring::nobody, {}, {"example.com"}};
  const Permission another{Ring::nobody, {uri("bob", "example.com")}, {"example.org"}};
  for (const auto* one : {&by_number, &by_name, &by_domain}) EXPECT_TRUE(one->includes(Role::stranger, alice));
  EXPECT_FALSE(another.includes(Role::stranger, alice));
}

TEST(Rights, ByDefaultOnlyCreatorAndModeratorsDecideAboutOthers) {
  const Rights rights;
  const auto somebody = proven("somebody", "example.com");
  for (const auto action : {Action::invite, Action::remove, Action::end}) {
    EXPECT_FALSE(rights.allow(action, Role::stranger, somebody));
    EXPECT_FALSE(rights.allow(action, Role::participant, somebody));
    EXPECT_TRUE(rights.allow(action, Role::moderator, {}));
    EXPECT_TRUE(rights.allow(action, Role::creator, {}));
  }
  EXPECT_TRUE(rights.allow(Action::create, Role::stranger, {}));
  EXPECT_TRUE(rights.allow(Action::join, Role::stranger, {}));
  EXPECT_FALSE(rights.allow(Action::invite_list, Role::stranger, {})) << "FOC-15";
  EXPECT_TRUE(rights.allow(Action::invite_list, Role::stranger, somebody));
  EXPECT_FALSE(rights.allow(Action::subscribe, Role::stranger, somebody));
  EXPECT_TRUE(rights.allow(Action::subscribe, Role::participant, {}));
}

}  // namespace
}  // namespace clued::focus
