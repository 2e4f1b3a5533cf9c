#include "app/log_format.hpp"

#include <string>

#include "gtest/gtest.h"

namespace clued::app {
namespace {

constexpr base::RecordKind kind{"thing.happened", base::Severity::info};

std::string text(std::vector<base::Field> fields, const FormatOptions& options = {}) {
  return format_text({&kind, std::move(fields)}, options);
}

std::string json(std::vector<base::Field> fields, const FormatOptions& options = {}) {
  return format_json_members({&kind, std::move(fields)}, options);
}

TEST(LogFormat, WritesNameAndFieldsInTheirOrder) {
  EXPECT_EQ(text({}), "thing.happened");
  EXPECT_EQ(text({{"conference", base::ConferenceId{3}}, {"delta", -4}, {"ok", true}, {"call_id", "a84b@host"}}),
            "thing.happened conference=3 delta=-4 ok=yes call_id=a84b@host");
}

TEST(LogFormat, QuotesWhatCouldBeTakenForSomethingElse) {
  EXPECT_EQ(text({{"a", ""}}), R"(thing.happened a="")");
  EXPECT_EQ(text({{"a", "two words"}}), R"(thing.happened a="two words")");
  EXPECT_EQ(text({{"a", "x b=1"}}), R"(thing.happened a="x b=1")");
  EXPECT_EQ(text({{"a", "x=1"}}), R"(thing.happened a="x=1")");
  EXPECT_EQ(text({{"a", R"(say "hi" \o/)"}}), R"(thing.happened a="say \"hi\" \\o/")");
}

TEST(LogFormat, NothingInAValueEndsTheLineOrReachesTheTerminal) {
  EXPECT_EQ(text({{"a", "x\r\n2024 info daemon.stopped"}}), R"(thing.happened a="x\r\n2024 info daemon.stopped")");
  EXPECT_EQ(text({{"a", "\x1b[31mred\x07\x7f"}}), R"(thing.happened a="\u001b[31mred\u0007\u007f")");
  EXPECT_EQ(text({{"a", std::string("nul\0byte", 8)}}), R"(thing.happened a="nul\u0000byte")");
  EXPECT_EQ(text({{"a",
                   "\xc2\x9b"
                   "31m"}}),
            R"(thing.happened a="\u009b31m")")
      << "the 8 bit form of ESC [";
  EXPECT_EQ(text({{"a",
                   "\xe2\x80\xae"
                   "evil"}}),
            R"(thing.happened a="\u202eevil")")
      << "right-to-left override";
  EXPECT_EQ(text({{"a", "line\xe2\x80\xa8separator"}}), R"(thing.happened a="line\u2028separator")");
}

TEST(LogFormat, KeepsOtherPeoplesLetters) {
  EXPECT_EQ(text({{"a", "J\xc3\xbcrgen"}}), "thing.happened a=\"J\xc3\xbcrgen\"");
  EXPECT_EQ(json({{"a", "\xe7\x8e\x8b"}}), "\"record\":\"thing.happened\",\"a\":\"\xe7\x8e\x8b\"");
}

TEST(LogFormat, BytesThatAreNoUtf8AreShownAsSuch) {
  EXPECT_EQ(text({{"a", "\xff"}}), R"(thing.happened a="\xff")");
  EXPECT_EQ(text({{"a", "\xc0\xaf"}}), R"(thing.happened a="\xc0\xaf")") << "overlong";
  EXPECT_EQ(text({{"a", "\xed\xa0\x80"}}), R"(thing.happened a="\xed\xa0\x80")") << "a surrogate";
  EXPECT_EQ(text({{"a", "\xe2\x82"}}), R"(thing.happened a="\xe2\x82")") << "cut off";
  EXPECT_EQ(json({{"a", "x\xff"}}), R"("record":"thing.happened","a":"x\ufffd")");
}

TEST(LogFormat, JsonHasNumbersAsNumbersAndEscapesStrings) {
  EXPECT_EQ(json({{"conference", base::ConferenceId{3}}, {"delta", -4}, {"a", "q\"\\\n\x01"}}),
            R"("record":"thing.happened","conference":3,"delta":-4,"a":"q\"\\\n\u0001")");
}

TEST(LogFormat, BoundsTheLengthAndTellsWhatIsMissing) {
  FormatOptions options;
  options.value_bytes = 10;
  EXPECT_EQ(text({{"a", std::string(10, 'x')}}, options), "thing.happened a=xxxxxxxxxx");
  EXPECT_EQ(text({{"a", std::string(1000, 'x')}}, options), "thing.happened a=xxxxxxxxxx...(+990)");
  EXPECT_EQ(text({{"a", std::string(9, 'x') + "\xc3\xbc"}}, options), "thing.happened a=xxxxxxxxx...(+2)")
      << "a character is not cut in two";
  EXPECT_EQ(text({{"a", base::Identity{std::string(1000, 'x')}}}, {.full_identities = true, .value_bytes = 10}),
            "thing.happened a=xxxxxxxxxx...(+990)");
}

TEST(LogFormat, ShortensIdentitiesUnlessAllowed) {
  const base::Identity alice{"sip:alice@example.com"};
  EXPECT_EQ(text({{"from", alice}}), "thing.happened from=sip:a***@example.com");
  EXPECT_EQ(text({{"from", alice}}, {.full_identities = true}), "thing.happened from=sip:alice@example.com");
  EXPECT_EQ(json({{"from", alice}}), R"("record":"thing.happened","from":"sip:a***@example.com")");
}

TEST(Redact, KeepsSchemeFirstLetterAndHost) {
  EXPECT_EQ(redact("sip:alice@example.com"), "sip:a***@example.com");
  EXPECT_EQ(redact("sips:bob@example.com:5061;transport=tcp"), "sips:b***@example.com:5061");
  EXPECT_EQ(redact("sip:alice:password@example.com"), "sip:a***@example.com");
  EXPECT_EQ(redact("sip:bob@example.com:9;lr;maddr=127.0.0.2;gr"), "sip:b***@example.com:9;maddr=127.0.0.2");
  EXPECT_EQ(redact("\"Alice A.\" <sip:alice@example.com;gr=urn:uuid:1>;tag=1"), "sip:a***@example.com");
  EXPECT_EQ(redact("sip:+4930123@example.com;user=phone"), "sip:+4***@example.com");
  EXPECT_EQ(redact("tel:+4930123"), "tel:+4***");
  EXPECT_EQ(redact("sip:example.com"), "sip:example.com");
  EXPECT_EQ(redact("sip:\xc3\xbc"
                   "ser@example.com"),
            "sip:\xc3\xbc***@example.com");
}

TEST(Redact, WhatIsNoUriLosesAllButItsFirstLetter) {
  EXPECT_EQ(redact("Alice Liddell"), "A***");
  EXPECT_EQ(redact("Alice Liddell <"), "");
  EXPECT_EQ(redact("sip:a@secret@host"), "sip:a***@secret");
  EXPECT_EQ(redact(""), "");
  EXPECT_EQ(redact("sip:"), "sip:");
  EXPECT_EQ(redact("tel:+"), "tel:+***");
}

}  // namespace
}  // namespace clued::app
