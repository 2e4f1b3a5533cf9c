// What the conference event package writes validates against the schema of RFC 4575, and what its specification's
// samples say is understood by the subscriber that the tests use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_package/conference_notifier.hpp"
#include "spec/clue_spec_support.hpp"
#include "support/conference_info_view.hpp"
#include "support/counted_randomness.hpp"

namespace clued::event_package {
namespace {

namespace spec = clue::testing;
using namespace std::chrono_literals;
using testing::ConferenceInfoView;
using ::testing::IsEmpty;

class ConferenceInfoSchema : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!spec::has_spec_data()) GTEST_SKIP() << "there are no specifications in " << clued::testing::spec_dir();
    if (!spec::SchemaCheck::is_possible()) GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
  }

  template <std::size_t N>
  const char* any_of(const char* const (&choices)[N]) {
    return choices[chance.below(N)];
  }

  Execution random_execution() {
    Execution execution;
    if (chance.below(2) == 0) {
      execution.when = DateTime{std::chrono::seconds{static_cast<std::int64_t>(chance.below(4'000'000'000))}};
    }
    static constexpr const char* reasons[] = {"", "bad <voice> & \"quality\"", "]]>\x01\xFF",
                                              "Removed from conference"};
    execution.reason = any_of(reasons);
    if (chance.below(2) == 0) execution.by = "sip:mike@example.com";
    return execution;
  }

  // No IPv6 addresses: libxml2 takes xs:anyURI for the generic syntax of RFC 3986, where a SIP URI's brackets are not
  // allowed.
  Roster::Member random_member() {
    static constexpr const char* users[] = {"sip:alice@example.net", "sip:b%20b@example.net", "tel:+15551234",
                                            "sips:carol@example.net", "sip:anonymous1@anonymous.invalid"};
    static constexpr const char* names[] = {"", "Bob \"The\" <Builder> & co", "\xF0\x9F\x98\x80", "\x80\x81"};
    static constexpr const char* labels[] = {"", "11", "a<b"};
    Roster::Member member;
    member.user = any_of(users);
    member.display_text = any_of(names);
    if (chance.below(2) == 0) member.roles = {"creator", "moderator"};
    auto& endpoint = member.endpoint;
    endpoint.entity = "sip:x" + std::to_string(chance.below(5)) + "@192.0.2.1;transport=tcp";
    endpoint.display_text = any_of(names);
    if (chance.below(3) == 0) endpoint.referred = random_execution();
    endpoint.status = static_cast<EndpointStatus>(chance.below(9));
    if (chance.below(3) != 0) endpoint.joining_method = static_cast<JoiningMethod>(chance.below(3));
    if (chance.below(3) == 0) endpoint.joining_info = random_execution();
    for (std::uint64_t i = chance.below(4); i > 0; --i) {
      endpoint.media.push_back(
          {std::to_string(i), i == 1 ? "audio" : "video", any_of(labels), static_cast<MediaStatus>(chance.below(4))});
    }
    return member;
  }

  testing::CountedRandomness chance{4575};
  spec::SchemaCheck check{spec::spec_data() / "fixed" / "conference-info.xsd"};
};

TEST_F(ConferenceInfoSchema, RefusesWhatIsWrong) {
  check.add("bad", R"(<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" version="1"/>)");
  EXPECT_NE(check.complaints(), "");
}

// EVT-01, EVT-04
TEST_F(ConferenceInfoSchema, EveryDocumentOfRandomConferences) {
  for (int run = 0; run < 8; ++run) {
    Description description;
    description.maximum_user_count = static_cast<std::uint32_t>(chance.below(1000));
    if (chance.below(2) == 0) description.display_text = "Weekly & more";
    if (chance.below(2) == 0) description.subject = "<subject>";
    if (chance.below(2) == 0) description.host_display_text = "Host";
    if (chance.below(2) == 0) description.host_web_page = "http://host.example.net/?a=1&b=2";
    ConferenceNotifier notifier({}, description);
    base::TimePoint now{1h};
    ConferenceInfoView view;
    Notifications out;
    notifier.subscribe(base::SubscriptionId{1}, {"sip:conf-1@192.0.2.1:5062", "", 3600s}, now, out);
    std::vector<std::pair<Roster::Key, std::string>> keys;
    for (std::uint64_t step = 1; step <= 60; ++step) {
      if (keys.empty() || chance.below(5) < 3) {
        keys.emplace_back(Roster::Key{step}, "");
        notifier.roster().put(keys.back().first, random_member());
      } else {
        const auto index = chance.below(keys.size());
        notifier.roster().depart(keys[index].first, static_cast<DisconnectionMethod>(chance.below(4)),
                                 random_execution());
        keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
      }
      if (chance.below(9) == 0) notifier.roster().set_locked(chance.below(2) == 0);
      notifier.roster_changed(now);
      now += std::chrono::seconds(chance.below(7));
      notifier.handle_timeout(now, 10, out);
      if (step == 60) notifier.end_all(out);
      for (const auto& one : std::exchange(out, {})) {
        check.add("notify", one.document);
        view.apply(one.document);
        if (!one.ended) notifier.answered(one.subscription, 200, now, out);
      }
    }
    EXPECT_THAT(view.faults(), IsEmpty());
    EXPECT_TRUE(view.is_deleted());
  }
  EXPECT_GT(check.count(), 200U);
  EXPECT_EQ(check.complaints(), "");
}

TEST_F(ConferenceInfoSchema, TheSamplesOfTheScenarioAreUnderstood) {
  ConferenceInfoView view;
  for (const char* name : {"full-v0", "partial-v1-carol-booted", "partial-v2-carol-deleted", "deleted-v3-end"}) {
    view.apply(spec::spec_file("scenario/confinfo-" + std::string(name) + ".xml"));
    if (view.version() == 1) {
      EXPECT_EQ(view.endpoint("sip:carol@ims.example.net").disconnection_method, "booted");
    }
    if (view.version() == 2) {
      EXPECT_FALSE(view.has("sip:carol@ims.example.net"));
    }
  }
  EXPECT_TRUE(view.is_deleted());
  EXPECT_THAT(view.faults(), IsEmpty());
}

}  // namespace
}  // namespace clued::event_package
