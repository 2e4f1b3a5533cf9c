// What a document may not be: each is refused with its reason and its position, in little time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "xml/document.hpp"

namespace clued::xml {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  std::string bytes;
  ErrorKind kind;
  unsigned line;
  unsigned column;
  const char* reason;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Refused : public ::testing::TestWithParam<Case> {};

TEST_P(Refused, WithReasonAndPosition) {
  const Document document(GetParam().bytes);
  ASSERT_TRUE(document.error());
  const auto& error = *document.error();
  EXPECT_EQ(error.kind, GetParam().kind) << error.text();
  EXPECT_EQ(error.line, GetParam().line) << error.text();
  EXPECT_EQ(error.column, GetParam().column) << error.text();
  EXPECT_THAT(error.text(), HasSubstr(GetParam().reason));
}

using enum ErrorKind;

INSTANTIATE_TEST_SUITE_P(
    Document, Refused,
    ::testing::Values(
        Case{"empty", "", malformed, 1, 1, "empty"},  //
        Case{"blank", " \n ", malformed, 2, 2, "'<' not found"},
        Case{"text", "hello", malformed, 1, 1, "'<' not found"},
        Case{"mismatch", "<a>\n<b>\n</a>", malformed, 3, 5, "mismatch"},
        Case{"unclosed", "<a>\n <b>", malformed, 2, 5, "Premature end"},
        Case{"two_roots", "<a/>\n<b/>", malformed, 2, 1, "Extra content"},
        Case{"undeclared_prefix", "<a>\n<p:b/></a>", malformed, 2, 5, "prefix p"},
        Case{"undeclared_entity", "<a>\n&nope;</a>", malformed, 2, 7, "predefined"},
        Case{"same_attribute_twice", "<a x='1'\n x='2'/>", malformed, 2, 7, "redefined"},
        Case{"bare_ampersand", "<a>\n & </a>", malformed, 2, 3, "EntityRef"},
        Case{"reference_to_nul", "<a>&#0;</a>", malformed, 1, 8, "invalid xmlChar"},
        Case{"nul", std::string("<a>\n\0</a>", 9), malformed, 2, 1, "UTF-8"},
        Case{"control", "<a>\n \x01</a>", malformed, 2, 2, "UTF-8"},
        Case{"lone_continuation", "<a>\n\n  \x80</a>", malformed, 3, 3, "UTF-8"},
        Case{"overlong", "<a>\xC0\xAF</a>", malformed, 1, 4, "UTF-8"},
        Case{"surrogate", "<a>\xED\xA0\x80</a>", malformed, 1, 4, "UTF-8"},
        Case{"not_a_character", "<a>\xEF\xBF\xBF</a>", malformed, 1, 4, "UTF-8"},
        Case{"beyond_unicode", "<a>\xF4\x90\x80\x80</a>", malformed, 1, 4, "UTF-8"},
        Case{"cut_character", "<a>\xE2\x82", malformed, 1, 4, "UTF-8"},
        Case{"utf16", std::string("\xFF\xFE<\0a\0/\0>\0", 10), malformed, 1, 1, "UTF-8"},
        Case{"latin1", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a/>", forbidden, 1, 31, "only UTF-8"},
        Case{"doctype", "<?xml version='1.0'?>\n<!DOCTYPE a>\n<a/>", forbidden, 2, 1, "document type"},
        Case{"external", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", forbidden, 1, 1, "document type"}),
    [](const auto& param_info) { return param_info.param.name; });

template <class Make>
void expect_refused_quickly(Make make, ErrorKind kind, const char* reason) {
  const std::string bytes = make();
  const auto begin = std::chrono::steady_clock::now();
  const Document document(bytes);
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(document.error());
  EXPECT_EQ(document.error()->kind, kind);
  EXPECT_THAT(document.error()->text(), HasSubstr(reason));
  // Generous for a loaded machine with sanitizers; what is quadratic takes much longer.
  EXPECT_LT(took, std::chrono::seconds(5));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HostileDocument, BillionLaughs) {
  expect_refused_quickly(
      [] {
        std::string bytes = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
        for (int i = 1; i < 30; ++i) {
          const std::string previous = "&e" + std::to_string(i - 1) + ";";
          bytes += "<!ENTITY e" + std::to_string(i) + " '" + repeated(previous, 10) + "'>";
        }
        return bytes + "]><a>&e29;</a>";
      },
      ErrorKind::forbidden, "document type");
}

TEST(HostileDocument, TenMegabytes) {
  expect_refused_quickly([] { return "<a>" + std::string(10'000'000, 'x') + "</a>"; }, ErrorKind::too_large,
                         "too long");
}

TEST(HostileDocument, DeepNesting) {
  expect_refused_quickly([] { return repeated("<a>", 80'000); }, ErrorKind::too_large, "nested");
}

TEST(HostileDocument, ManyElements) {
  expect_refused_quickly([] { return "<a>" + repeated("<b/>", 20'000) + "</a>"; }, ErrorKind::too_large, "elements");
}

TEST(HostileDocument, ManyAttributes) {
  expect_refused_quickly(
      [] {
        std::string bytes = "<a ";
        for (int i = 0; i < 20'000; ++i) bytes += 'b' + std::to_string(i) + "='' ";
        return bytes + "/>";
      },
      ErrorKind::too_large, "attributes");
}

TEST(HostileDocument, ManyAttributesBehindOtherMarkup) {
  const std::string tag = "<b " + repeated("x='' ", 10'000) + "/>";
  for (const std::string before : {"<a><!-- \" -->", "<a><![CDATA[ <z ' ]]>", "<a><?p < ' ?>", "<a y='>' z=\"'\">"}) {
    expect_refused_quickly([&] { return before + tag; }, ErrorKind::too_large, "attributes");
  }
}

TEST(HostileDocument, ManyNamespacesInForce) {
  const auto nested = [](int levels, int each) {
    std::string bytes;
    for (int level = 0; level < levels; ++level) {
      bytes += "<a";
      for (int i = 0; i < each; ++i) bytes += " xmlns:p" + std::to_string(level * each + i) + "='u'";
      bytes += ">";
    }
    return bytes + "<b/>" + repeated("</a>", static_cast<std::size_t>(levels));
  };
  expect_refused_quickly([&] { return nested(20, 50); }, ErrorKind::too_large, "namespaces");
  EXPECT_FALSE(Document(nested(1, 60)).error());
  EXPECT_FALSE(Document(nested(20, 3)).error());
  // One after the other they are not in force together.
  std::string one_by_one = "<a>";
  for (int i = 0; i < 500; ++i) one_by_one += "<b xmlns='u'><c xmlns:d='v'/></b>";
  EXPECT_FALSE(Document(one_by_one + "</a>").error());
}

TEST(HostileDocument, ManyNamespacesWithManyUsers) {
  std::string bytes = "<a ";
  for (int i = 0; i < 60; ++i) bytes += "xmlns:p" + std::to_string(i) + "='u' ";
  bytes += ">" + repeated("<p0:b p1:c=''/>", 15'000) + "</a>";
  const auto begin = std::chrono::steady_clock::now();
  const Document document(bytes);
  EXPECT_FALSE(document.error());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(HostileDocument, LongNamesStayOutOfTheReason) {
  const Document document("<" + std::string(40'000, 'n') + "></b>");
  ASSERT_TRUE(document.error());
  EXPECT_LT(document.error()->text().size(), 300U);
}

TEST(HostileDocument, TheReasonIsOneLineOfText) {
  const Document document("<a>\n<\xC3\xA4></b>\n</a>");
  ASSERT_TRUE(document.error());
  EXPECT_EQ(document.error()->text().find_first_of("\r\n"), std::string::npos);
}

// The head of a refused document is still read, so that the refusal can be answered.
TEST(HostileDocument, TellsWhatPrecedesTheError) {
  for (const std::string& tail : {std::string("\x01"), std::string("<c"), "<d>" + std::string(300'000, 'x') + "</d>"}) {
    const Document document("<a><b>7</b>" + tail);
    ASSERT_TRUE(document.error());
    ASSERT_TRUE(document.root());
    EXPECT_EQ(document.root()->name(), "a");
    EXPECT_EQ((*document.root()->children().begin()).text(), "7");
  }
}

TEST(HostileDocument, ExactlyTheLimitsAreAllowed) {
  const Limits limits{.bytes = 40, .depth = 2, .elements = 4, .attributes = 2};
  EXPECT_FALSE(Document("<a x='' y=''><b/><b/><b/></a>", limits).error());
  EXPECT_TRUE(Document("<a x='' y=''><b/><b/><b/><b/></a>", limits).error());
  EXPECT_TRUE(Document("<a><b><c/></b></a>", limits).error());
  EXPECT_TRUE(Document("<a x='' y='' z=''/>", limits).error());
  EXPECT_FALSE(Document("<a>" + std::string(33, ' ') + "</a>", limits).error());
  EXPECT_TRUE(Document("<a>" + std::string(34, ' ') + "</a>", limits).error());
}

}  // namespace
}  // namespace clued::xml
