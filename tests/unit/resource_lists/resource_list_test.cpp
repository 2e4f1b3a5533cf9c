// Lists of recipients as they are read, and what the recipients are told of each other.
#include "resource_lists/resource_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clued::resource_lists {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string document(const std::string& content) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists")"
         R"( xmlns:cp="urn:ietf:params:xml:ns:copycontrol">)" +
         content + "</resource-lists>";
}

std::string refusal(const std::string& bytes) {
  const auto list = read(bytes);
  return list ? "" : list.error();
}

TEST(ResourceListReader, ReadsTheEntriesWithWhatTheySay) {
  const auto list = read(document(R"(<list name="all"><display-name>Everybody</display-name>
    <entry uri=" sip:bill@example.com?Subject=a%20b "/>
    <entry uri="sip:joe@example.org" cp:copyControl="to"><display-name>Joe &amp; co</display-name></entry>
    <entry uri="tel:+15551234" cp:copyControl="cc" cp:anonymize="1"/>
    <entry uri="sip:ted@example.net" cp:copyControl="bcc" cp:anonymize="false"/></list>)"));
  ASSERT_TRUE(list.has_value()) << list.error();
  EXPECT_THAT(list->entries, ElementsAre(Entry{"sip:bill@example.com?Subject=a%20b", "", CopyControl::none, false},
                                         Entry{"sip:joe@example.org", "Joe & co", CopyControl::to, false},
                                         Entry{"tel:+15551234", "", CopyControl::cc, true},
                                         Entry{"sip:ted@example.net", "", CopyControl::bcc, false}));
  EXPECT_EQ(list->ignored, 0U);
}

// RFC 5366 section 4: a flat list; a conference may discard the rest.
TEST(ResourceListReader, LeavesOutWhatIsNotFlatAndCountsIt) {
  const auto list = read(document(R"(<list><entry uri="sip:a@h"/><entry-ref ref="x"/><external anchor="http://h/"/>
    <list><entry uri="sip:b@h"/></list><x:entry xmlns:x="urn:x" uri="sip:c@h"/></list>
    <list><entry uri="sip:d@h"/></list>)"));
  ASSERT_TRUE(list.has_value()) << list.error();
  EXPECT_THAT(list->entries, ElementsAre(Entry{"sip:a@h", "", CopyControl::none, false},
                                         Entry{"sip:d@h", "", CopyControl::none, false}));
  EXPECT_EQ(list->ignored, 3U);
  EXPECT_THAT(read(document(""))->entries, IsEmpty());
}

TEST(ResourceListReader, SaysWhyAndWhereItIsNone) {
  EXPECT_NE(refusal(""), "");
  EXPECT_THAT(refusal("<list/>"), HasSubstr("not a resource-lists document"));
  EXPECT_THAT(refusal("<resource-lists/>"), HasSubstr("not a resource-lists document")) << "no namespace";
  EXPECT_THAT(refusal(document("<list>\n<entry/></list>")), HasSubstr("2:")) << "where";
  EXPECT_THAT(refusal(document("<list><entry/></list>")), HasSubstr("an entry without a uri"));
  EXPECT_THAT(refusal(document("<list><entry uri='  '/></list>")), HasSubstr("an entry without a uri"));
  EXPECT_THAT(refusal(document("<list><entry uri='sip:a@h' cp:copyControl='To'/></list>")), HasSubstr("copyControl"));
  EXPECT_THAT(refusal(document("<list><entry uri='sip:a@h' cp:anonymize='yes'/></list>")), HasSubstr("anonymize"));
  EXPECT_THAT(refusal(document("<entry uri='sip:a@h'/>")), HasSubstr("not a list"));
  EXPECT_NE(refusal(document("<list><entry uri='sip:a@h'></list>")), "");
}

TEST(ResourceListReader, TakesNoDtdAndNothingThatIsTooLarge) {
  EXPECT_NE(refusal("<!DOCTYPE x [<!ENTITY a 'b'>]>" + document("<list/>")), "");
  std::string entries;
  for (int i = 0; i < 30'000; ++i) entries += "<entry uri='sip:a@h'/>";
  EXPECT_NE(refusal(document("<list>" + entries + "</list>")), "");
}

TEST(RecipientHistory, ShowsWhoIsInvitedAsToAndCcAndCountsTheAnonymous) {
  const std::string text = write_history({{"sip:a@h", "", CopyControl::cc, false},
                                          {"sip:b@h?x=1&y=2", "B <b>", CopyControl::to, false},
                                          {"sip:c@h", "C", CopyControl::to, true},
                                          {"sip:d@h", "D", CopyControl::to, true},
                                          {"sip:e@h", "E", CopyControl::bcc, false},
                                          {"sip:f@h", "F", CopyControl::none, false}});
  EXPECT_THAT(text, HasSubstr(R"(<list><entry uri="sip:b@h?x=1&amp;y=2" cp:copyControl="to">)"
                              R"(<display-name>B &lt;b&gt;</display-name></entry>)"
                              R"(<entry uri="sip:anonymous@anonymous.invalid" cp:copyControl="to" cp:count="2"/>)"
                              R"(<entry uri="sip:a@h" cp:copyControl="cc"/></list>)"));
  for (const char* hidden : {"sip:c@h", "sip:d@h", "sip:e@h", "sip:f@h", "bcc"}) {
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
  }
}

TEST(RecipientHistory, IsNothingWhenNobodyIsToBeShown) {
  EXPECT_EQ(write_history({}), "");
  EXPECT_EQ(write_history({{"sip:e@h", "", CopyControl::bcc, false}, {"sip:f@h", "", CopyControl::none, true}}), "");
}

}  // namespace
}  // namespace clued::resource_lists
