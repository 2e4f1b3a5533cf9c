// The lists of the RFCs are read as they mean, and what the recipients are told validates against the RFCs' schemas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "resource_lists/resource_list.hpp"
#include "spec/clue_spec_support.hpp"
#include "support/counted_randomness.hpp"

namespace clued::resource_lists {
namespace {

namespace spec = clue::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ResourceListExamples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!spec::has_spec_data()) GTEST_SKIP() << "there are no specifications in " << clued::testing::spec_dir();
  }
};

// RFC 4826 section 3.3: of what is not flat nothing is taken.
TEST_F(ResourceListExamples, TheHierarchicalListOfRfc4826) {
  const auto list = read(spec::spec_file("fixed/rfc4826-example-resource-lists.xml"));
  ASSERT_TRUE(list.has_value()) << list.error();
  EXPECT_THAT(list->entries, ElementsAre(Entry{"sip:bill@example.com", "Bill Doe", CopyControl::none, false}));
  EXPECT_EQ(list->ignored, 2U) << "an entry-ref and a list";
}

// RFC 5364 section 6
TEST_F(ResourceListExamples, TheHistoryOfRfc5364FollowsFromItsList) {
  const auto sent = read(spec::spec_file("fixed/rfc5364-example1.xml"));
  ASSERT_TRUE(sent.has_value()) << sent.error();
  EXPECT_THAT(sent->entries, SizeIs(7));
  EXPECT_EQ(sent->entries[1], (Entry{"sip:randy@example.net", "", CopyControl::to, true}));
  EXPECT_EQ(sent->entries[5], (Entry{"sip:ted@example.net", "", CopyControl::bcc, false}));
  const auto expected = read(spec::spec_file("fixed/rfc5364-example2.xml"));
  ASSERT_TRUE(expected.has_value()) << expected.error();
  const auto written = read(write_history(sent->entries));
  ASSERT_TRUE(written.has_value()) << written.error();
  EXPECT_EQ(written->entries, expected->entries);
  EXPECT_THAT(write_history(sent->entries), ::testing::HasSubstr("cp:copyControl=\"to\" cp:count=\"2\""));
}

class ResourceListSchema : public ResourceListExamples {
 protected:
  void SetUp() override {
    ResourceListExamples::SetUp();
    if (IsSkipped()) return;
    if (!spec::SchemaCheck::is_possible()) GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
    // The schema of RFC 4826 admits any attributes of other schemas, and checks those that it can find: one that brings
    // both together.
    const auto folder = std::filesystem::temp_directory_path() / ("clued-lists-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    both = folder / "both.xsd";
    const auto fixed = std::filesystem::absolute(spec::spec_data() / "fixed").string();
    std::ofstream(both) << R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">)"
                        << R"(<xs:import namespace="urn:ietf:params:xml:ns:resource-lists" schemaLocation=")" << fixed
                        << R"(/resource-lists.xsd"/><xs:import namespace="urn:ietf:params:xml:ns:copycontrol")"
                        << R"( schemaLocation=")" << fixed << R"(/copycontrol.xsd"/></xs:schema>)";
  }
  void TearDown() override {
    std::error_code ignored;
    if (!both.empty()) std::filesystem::remove_all(both.parent_path(), ignored);
  }

  /// What is wrong with the documents. The schema of RFC 5364 imports the other one from where it is not; that it is
  /// there already is what the warning says.
  static std::string faults_of(const spec::SchemaCheck& check) {
    std::istringstream lines(check.complaints());
    std::string faults;
    for (std::string line; std::getline(lines, line);) {
      if (line.find("Schemas parser warning") == line.npos) faults += line + "\n";
    }
    return faults;
  }

  std::filesystem::path both;
};

TEST_F(ResourceListSchema, RefusesWhatIsWrong) {
  for (const char* entry : {R"(<entry/>)", R"(<entry uri="sip:a@h" cp:copyControl="all"/>)",
                            R"(<entry uri="sip:a@h" cp:copyControl="to" cp:count="-1"/>)"}) {
    spec::SchemaCheck check(both);
    check.add("bad", R"(<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" )"
                     R"(xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>)" +
                         std::string(entry) + "</list></resource-lists>");
    EXPECT_NE(faults_of(check), "") << entry;
  }
}

TEST_F(ResourceListSchema, EveryHistoryOfRandomLists) {
  testing::CountedRandomness chance{5364};
  spec::SchemaCheck check(both);
  static constexpr const char* uris[] = {"sip:alice@example.net", "sip:b%20b@example.net;transport=tcp",
                                         "tel:+15551234", "sips:carol@example.net?Subject=a&b=c"};
  static constexpr const char* names[] = {"", "Bob \"The\" <Builder> & co", "\xF0\x9F\x98\x80", "\x80\x81\x01]]>"};
  for (int run = 0; run < 200; ++run) {
    std::vector<Entry> invited(chance.below(8));
    for (auto& entry : invited) {
      entry = {uris[chance.below(4)], names[chance.below(4)], static_cast<CopyControl>(chance.below(4)),
               chance.below(3) == 0};
    }
    const auto document = write_history(invited);
    if (document.empty()) continue;
    check.add("history", document);
    EXPECT_TRUE(read(document).has_value());
  }
  EXPECT_GT(check.count(), 100U);
  EXPECT_EQ(faults_of(check), "");
}

}  // namespace
}  // namespace clued::resource_lists
