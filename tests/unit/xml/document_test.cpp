// What a well-meant document looks like after reading.
#include "xml/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace clued::xml {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

std::vector<std::string> names_of_children(Element element) {
  std::vector<std::string> names;
  for (const auto child : element.children()) names.emplace_back(child.name());
  return names;
}

Element only_child(Element element) { return *element.children().begin(); }

TEST(Document, KeepsElementsInOrder) {
  const Document document("<a><b/><c><d/><e/></c><f/></a>");
  ASSERT_FALSE(document.error());
  const auto root = *document.root();
  EXPECT_EQ(root.name(), "a");
  EXPECT_THAT(names_of_children(root), ElementsAre("b", "c", "f"));
  EXPECT_THAT(names_of_children(*++root.children().begin()), ElementsAre("d", "e"));
  EXPECT_TRUE(only_child(root).children().empty());
}

TEST(Document, ResolvesNamespacesOfElementsAndAttributes) {
  const Document document(R"(<p:a xmlns:p="urn:p" xmlns="urn:d"><b p:x="1" x="2"/></p:a>)");
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.root()->namespace_uri(), "urn:p");
  const auto child = only_child(*document.root());
  EXPECT_EQ(child.namespace_uri(), "urn:d");
  EXPECT_THAT(child.attribute("x", "urn:p"), Optional(std::string_view("1")));
  EXPECT_THAT(child.attribute("x"), Optional(std::string_view("2")));  // the default namespace is not for attributes
  EXPECT_FALSE(child.attribute("x", "urn:d"));
}

TEST(Document, FindsThePrefixesThatAreInScope) {
  const Document document(R"(<a xmlns="urn:1" xmlns:p="urn:2"><b xmlns:p="urn:3"><c xmlns=""/></b></a>)");
  ASSERT_FALSE(document.error());
  const auto b = only_child(*document.root());
  const auto c = only_child(b);
  EXPECT_THAT(document.root()->namespace_of("p"), Optional(std::string_view("urn:2")));
  EXPECT_THAT(c.namespace_of("p"), Optional(std::string_view("urn:3")));
  EXPECT_THAT(b.namespace_of(""), Optional(std::string_view("urn:1")));
  EXPECT_THAT(c.namespace_of(""), Optional(std::string_view("")));
  EXPECT_FALSE(c.namespace_of("q"));
}

TEST(Document, JoinsTextOfAllKinds) {
  const Document document("<a>one<!-- not --> &lt;two&gt; <?nor this?><![CDATA[<three> & four]]>&#x20AC;</a>");
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.root()->text(), "one <two> <three> & four\xE2\x82\xAC");
}

TEST(Document, HasNoMixedContent) {
  const Document document("<a>\n  text <b>x</b> more </a>");
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.root()->text(), "");
  EXPECT_EQ(only_child(*document.root()).text(), "x");
}

TEST(Document, DecodesReferencesInAttributes) {
  const Document document(R"(<a x="&amp;&#38;&lt;&quot;&#10;&#x1F600;"/>)");
  ASSERT_FALSE(document.error());
  EXPECT_THAT(document.root()->attribute("x"), Optional(std::string_view("&&<\"\n\xF0\x9F\x98\x80")));
}

TEST(Document, AcceptsUtf8HoweverItIsAnnounced) {
  for (const std::string prolog :
       {"", "\xEF\xBB\xBF", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-8'?>",
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"}) {
    const Document document(prolog + "<a>\xC3\xA4</a>");
    ASSERT_FALSE(document.error()) << prolog << document.error()->text();
    EXPECT_EQ(document.root()->text(), "\xC3\xA4");
  }
}

TEST(Document, OutlivesTheBytesItWasReadFrom) {
  auto bytes = std::make_unique<std::string>(R"(<name x="value">a text that is too long for any small buffer</name>)");
  const Document document(*bytes);
  bytes->assign(bytes->size(), '#');
  bytes.reset();
  EXPECT_EQ(document.root()->name(), "name");
  EXPECT_EQ(document.root()->text(), "a text that is too long for any small buffer");
  EXPECT_THAT(document.root()->attribute("x"), Optional(std::string_view("value")));
}

TEST(Document, SaysWhereAnElementIs) {
  const Document document("<a>\n  <b>\n    <c/>\n  </b>\n</a>");
  ASSERT_FALSE(document.error());
  const auto b = only_child(*document.root());
  EXPECT_EQ(b.line(), 2U);
  EXPECT_EQ(b.column(), 5U);
  EXPECT_EQ(only_child(b).line(), 3U);
}

}  // namespace
}  // namespace clued::xml
