#include "xml/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "xml/document.hpp"

namespace clued::xml {
namespace {

TEST(Writer, WritesElementsAttributesAndText) {
  std::string out = "before ";
  Writer writer(out);
  writer.declaration().start("p:a").attribute("x", "1").attribute("y", "2");
  writer.element("b", "text").element("c", true).element("d", std::uint32_t{4'294'967'295}).start("e").end("e");
  writer.end("p:a");
  EXPECT_EQ(out, R"(before <?xml version="1.0" encoding="UTF-8"?><p:a x="1" y="2"><b>text</b><c>true</c>)"
                 R"(<d>4294967295</d><e/></p:a>)");
}

TEST(Writer, PutsRenderedContentInside) {
  std::string out;
  Writer(out).start("a").raw("<b/>").raw("<c/>").end("a").start("d").raw("").end("d");
  EXPECT_EQ(out, "<a><b/><c/></a><d/>");
}

TEST(Writer, EscapesWhatMeansSomething) {
  std::string out;
  Writer(out).start("a").attribute("x", "<\"&'>\t\r\n").text("<\"&'>]]>\t\r\n").end("a");
  EXPECT_EQ(out, "<a x=\"&lt;&quot;&amp;'&gt;&#9;&#13;&#10;\">&lt;\"&amp;'&gt;]]&gt;\t&#13;\n</a>");
}

TEST(Writer, ReplacesWhatXmlCannotCarry) {
  using namespace std::string_literals;
  const std::string replacement = "\xEF\xBF\xBD";
  const auto written = [](const std::string& text) {
    std::string out;
    append_text(out, text);
    return out;
  };
  EXPECT_EQ(written("x\0y"s), "x" + replacement + "y");
  EXPECT_EQ(written("x\x1Fy"), "x" + replacement + "y");
  EXPECT_EQ(written("x\xFFy"), "x" + replacement + "y");
  EXPECT_EQ(written("x\xC3y"), "x" + replacement + "y");
  EXPECT_EQ(written("\xED\xA0\x80"), replacement + replacement + replacement);
  EXPECT_EQ(written("\xE2\x82\xAC"), "\xE2\x82\xAC");
}

/// Every byte and every pair of bytes that can make trouble comes back as a well-formed document.
TEST(Writer, IsWellFormedForAnyBytes) {
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0, 9, 10, 13, 32, 38, 60, 62, 65, 128, 191, 195, 224, 237, 239, 240, 244, 255}) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
      std::string out;
      Writer(out).start("a").attribute("x", bytes).text(bytes).end("a");
      const Document document(out);
      ASSERT_FALSE(document.error()) << first << ' ' << second << ' ' << document.error()->text();
      if (first >= 32 && first < 127 && second >= 32 && second < 127) {
        EXPECT_EQ(document.root()->text(), bytes);
        EXPECT_EQ(document.root()->attribute("x"), bytes);
      }
    }
  }
}

TEST(Writer, WritesDecimalsWithoutExponent) {
  const auto written = [](double value) {
    std::string out;
    Writer(out).decimal_element("d", value);
    return out.substr(3, out.size() - 7);
  };
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(-1500), "-1500");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e-7), "0.0000001");
  EXPECT_EQ(written(-999'999'999'999'999), "-999999999999999");
  EXPECT_EQ(written(123456789.123456), "123456789.123456");
  // No more digits than schema processors have to support.
  EXPECT_EQ(written(1e21), "999999999999999");
  EXPECT_EQ(written(std::numeric_limits<double>::lowest()), "-999999999999999");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "999999999999999");
  EXPECT_EQ(written(std::numeric_limits<double>::denorm_min()), "0");
  EXPECT_EQ(written(1.0 / 3e4), "0.00003333333333");
  EXPECT_EQ(written(-1e5 / 3), "-33333.3333333333");
  EXPECT_EQ(written(std::nan("")), "0");
}

}  // namespace
}  // namespace clued::xml
