// Texts of the operator that end up in SIP or SDP, and rights that must not open by being left empty.
#include <string>
#include <vector>

#include "app/config.hpp"
#include "gtest/gtest.h"

namespace clued::app {
namespace {

bool is_accepted(const std::string& text) { return parse_config(text).has_value(); }

std::string line(const std::string& section, const std::string& key, const std::string& value) {
  return section + ":\n  " + key + ": " + value + "\n";
}

struct Text {
  const char* section;
  const char* key;
  std::vector<const char*> right;
  std::vector<const char*> wrong;
};

const std::vector<Text> texts = {
    {"sip",
     "domain",
     {"conf.example.com", "conf.example.com:5070", "192.0.2.1", "192.0.2.1:5060", "\"[2001:db8::1]\"",
      "\"[2001:db8::1]:5070\"", "localhost", "example.com.", "\"\""},
     {"\"2001:db8::1\"",
      "\"::1\"",
      "\"sip:conf.example.com\"",
      "\"foo bar>\"",
      "\"h:5060:x\"",
      "\"h:\"",
      "\"h:0\"",
      "\"h:65536\"",
      "\"h:+1\"",
      "\"user@h\"",
      "\"h;transport=tcp\"",
      "\"h?x=y\"",
      "\"-h\"",
      "\"h-\"",
      "\"a..b\"",
      "\".\"",
      "\"1.2.3\"",
      "\"1.2.3.456\"",
      "\"[::1\"",
      "\"[]\"",
      "\"[192.0.2.1]\"",
      "\"h\\r\\nVia: x\"",
      "\"h\\0\"",
      "münchen.example",
      "\"<h>\"",
      "\"h,i\"",
      "\" h\"",
      "\"h \""}},
    {"sip",
     "outbound_proxy",
     {"192.0.2.1:5060", "proxy.example.com;transport=tcp", "\"192.0.2.1:5061;transport=TCP\"", "\"\""},
     {"\"sip:proxy.example.com\"", "\"proxy;lr\"", "\"proxy;transport=ws\"", "\"proxy;transport=tcp;lr\"", "\"a b\"",
      "\"alice@proxy\"", "\"2001:db8::1\"", "\"proxy:5060:1\""}},
    {"sip",
     "server_name",
     {"clued", "clued/1.0", "\"clued/1.0 (conferences) sofia\""},
     {"\"\"", "\"a\\r\\nb\"", "\"a<b\"", "\"(a\"", "\"a  b\"", "\"a/\"", "\"a \"", "\"a\\tb\""}},
    {"auth",
     "realm",
     {"example.net", "\"a \\\"realm\\\" of ours\"", "Köln"},
     {"\"\"", "\"a\\r\\nb\"", "\"\\x01\"", "\"\\xff\\x01\""}},
    {"refer",
     "removal_reason",
     {"Out", "\"say \\\"bye\\\"\"", "Entfernt für immer"},
     {"\"\"", "\"a\\nb\"", "\"\\x7f\""}},
    {"conference",
     "factory_user",
     {"factory", "create-conference", "+4930123"},
     {"\"\"", "\"a b\"", "\"a@b\"", "\"a>b\"", "\"a:b\"", "\"a%41\"", "\"ä\"", "\"a\\\"b\"", "\"a\\0b\"", "\"a<b\""}},
    {"conference",
     "moderators",
     {"[]", "[\"sip:chair@example.com\"]", "[\"sips:a@[2001:db8::1]:5061;transport=tls\"]", "[\"tel:+4930123\"]",
      "[\"sip:conf.example.com\"]"},
     {"[\"\"]", "\"\"", "", "\"*\"", "[\"sip:\"]", "[\"sip:@h\"]", "[\"sip:a@\"]", "[\"sip:a@b c\"]", "[\"sip:a@b>\"]",
      "[\"tel:\"]", "[\"tel:;x\"]", "[\"http://example.com\"]", "[\"sip:a@2001:db8::1\"]", "[\"sip:a@h:5060:x\"]",
      "[\"sip:a@h?Subject=x\"]", "[\"sip:a@b@c\"]", "[alice]", "[~]"}},
    {"conference",
     "domains",
     {"any", "example.com", "[example.com, 192.0.2.1, \"[2001:db8::1]\"]"},
     {"[]", "[\"\"]", "\"\"", "", "\"2001:db8::1\"", "[any, example.com]", "[\"a b\"]", "[\"sip:example.com\"]",
      "[\"example.com:5060\"]", "\"*\""}},
    {"dialout", "domains", {"any", "[example.net]"}, {"[]", "[\"\"]", "\"\"", "", "\"*\"", "[example.net, any]"}},
    {"ims",
     "orig_ioi",
     {"\"\"", "home.example", "\"\\\"Type 3 home\\\"\""},
     {"\"a b\"", "\"a;b\"", "\"a\\\"\"", "\"\\\"\"", "\"a\\nb\""}},
    {"ims", "term_ioi", {"\"\"", "home.example"}, {"\"a b\"", "\"a,b\"", "\"a=b\""}},
    {"ims",
     "charging_function_addresses",
     {"\"\"", "ccf=192.0.2.1", "\"ccf=192.0.2.1;ccf=\\\"[2001:db8::1]; x\\\";ecf=a.example\""},
     {"\"a b\"", "\"ccf=\"", "\";\"", "\"ccf=a;\"", "\"ccf=a,b\"", "\"ccf=a\\nX: y\""}},
};

TEST(ConfigTexts, EndUpInSipOnlyIfTheyCanBeReadThere) {
  for (const Text& text : texts) {
    for (const char* value : text.right) {
      EXPECT_TRUE(is_accepted(line(text.section, text.key, value))) << text.key << ": " << value;
    }
    for (const char* value : text.wrong) {
      EXPECT_FALSE(is_accepted(line(text.section, text.key, value))) << text.key << ": " << value;
    }
    const std::string longest = '"' + std::string(1100, 'x') + '"';
    EXPECT_FALSE(is_accepted(line(text.section, text.key, longest))) << text.key << " with 1100 characters";
  }
}

TEST(ConfigTexts, OfListenersUsersConferencesAndCodecsAreReadLikewise) {
  const auto listener = [](const std::string& advertise) {
    return "sip:\n  listen:\n    - {address: 127.0.0.1, advertise: " + advertise + "}\n";
  };
  for (const char* right : {"nat.example.com", "192.0.2.1", "\"2001:db8::1\"", "\"[2001:db8::1]\"", "\"\""}) {
    EXPECT_TRUE(is_accepted(listener(right))) << right;
  }
  for (const char* wrong : {"\"h:5060\"", "\"sip:h\"", "\"a b\"", "\"h;maddr=x\"", "\"[h]\""}) {
    EXPECT_FALSE(is_accepted(listener(wrong))) << wrong;
  }
  EXPECT_FALSE(is_accepted("sip: {listen: [{address: \"fe80::1%lo\"}]}\n"));
  const auto user = [](const std::string& identity) {
    return "auth: {users: [{name: a, password: b, identity: " + identity + "}]}\n";
  };
  EXPECT_TRUE(is_accepted(user("\"sip:a@example.com\"")));
  for (const char* wrong : {"\"sip:a b@h\"", "\"sip:a@h>\"", "\"<sip:a@h>\"", "\"sip:a@\"", "\"\""}) {
    EXPECT_FALSE(is_accepted(user(wrong))) << wrong;
  }
  for (const char* wrong : {"\"a b\"", "\"a@b\"", "\"a>\"", "\"\""}) {
    EXPECT_FALSE(is_accepted("conferences: [{user: " + std::string(wrong) + "}]\n")) << wrong;
  }
  const auto codec = [](const std::string& encoding, const std::string& fmtp) {
    return "media: {audio_codecs: [{encoding: " + encoding + ", payload_type: 96, fmtp: " + fmtp + "}]}\n";
  };
  EXPECT_TRUE(is_accepted(codec("opus/48000/2", "\"useinbandfec=1; stereo=0\"")));
  for (const char* wrong : {"opus", "opus/", "opus/x", "opus/48000/", "opus/48000/2/1", "\"o p/8000\"", "\"/8000\"",
                            "opus/0", "\"a\\r\\na=x/8000\"", "öpus/8000"}) {
    EXPECT_FALSE(is_accepted(codec(wrong, "\"\""))) << wrong;
  }
  for (const char* wrong : {"\"a\\r\\na=b\"", "\" a\"", "\"\\0\"", "ä"}) {
    EXPECT_FALSE(is_accepted(codec("opus/48000/2", wrong))) << wrong;
  }
  EXPECT_FALSE(is_accepted("media: {audio_codecs: [{encoding: PCMU/8000}, {encoding: PCMA/8000}]}\n"))
      << "both have payload type 96";
}

// A right that somebody has emptied could be read as nobody and as no limit.
TEST(ConfigRights, NeverOpenByAnEmptyValue) {
  for (const char* key : {"create", "join", "invite", "invite_list", "remove", "end", "subscribe"}) {
    for (const char* empty : {"[]", "", "~", "\"\"", "[\"\"]", "[~]", "{}", "[[]]"}) {
      EXPECT_FALSE(is_accepted(line("conference", key, empty))) << key << ": " << empty;
      if (std::string(key) == "join") {
        EXPECT_FALSE(is_accepted("conferences: [{user: a, join: " + std::string(empty) + "}]\n")) << empty;
      }
    }
    EXPECT_TRUE(is_accepted(line("conference", key, "nobody")));
    EXPECT_TRUE(is_accepted(line("conference", key, "[nobody]")));
  }
  for (const char* empty : {"", "~", "\"\"", "[\"\"]", "[~]"}) {
    EXPECT_FALSE(is_accepted(line("conference", "replace", empty))) << empty;
    EXPECT_FALSE(is_accepted(line("sip", "trusted_peers", empty))) << empty;
    EXPECT_FALSE(is_accepted(line("tls", "trusted_names", empty))) << empty;
    EXPECT_FALSE(is_accepted(line("auth", "require", empty))) << empty;
    EXPECT_FALSE(is_accepted(line("auth", "users", empty))) << empty;
    EXPECT_FALSE(is_accepted("conferences: [{user: a, moderators: " + std::string(empty) + "}]\n")) << empty;
  }
  EXPECT_FALSE(is_accepted(line("auth", "algorithms", "[]")));
  EXPECT_FALSE(is_accepted(line("sip", "max_rate_per_source", "")));
  const auto nobody =
      parse_config("sip: {trusted_peers: []}\nconference: {moderators: []}\nauth: {require: untrusted, users: []}\n");
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->sip.trusted_peers.empty());
  EXPECT_TRUE(nobody->policy.conference.moderators.empty());
  EXPECT_TRUE(nobody->sip.auth.users.empty());
}

TEST(ConfigRights, AreNotBothNobodysAndSomebodys) {
  EXPECT_FALSE(is_accepted(line("conference", "join", "[nobody, anyone]")));
  EXPECT_FALSE(is_accepted(line("conference", "join", "[\"sip:a@example.com\", nobody]")));
}

TEST(ConfigDocuments, AreOneAndWhatTheyLookLike) {
  const auto error = [](const std::string& text) {
    const auto config = parse_config(text);
    return config ? std::string("accepted") : config.error().front().to_string("f");
  };
  EXPECT_EQ(error("---\nlog: {level: debug}\n...\n"), "accepted");
  EXPECT_EQ(error("log: {level: debug}\n---\nlog: {level: info}\n"), "f:3: has more than one YAML document");
  EXPECT_EQ(error("log: {level: debug}\n---\n"), "f:3: has more than one YAML document");
  EXPECT_EQ(error("log: {level: debug}\n\x04\nconference: {create: nobody}\n"),
            "f:2: is no text: it has a control character");
  EXPECT_EQ(error(std::string("log: {level: de\0bug}\n", 21)), "f:1: is no text: it has a control character");
  EXPECT_EQ(error("log:\n  level: info\nlog:\n  level: debug\n"), "f:3: log: is given twice");
  EXPECT_EQ(error("conference: {moderators: &us [\"sip:a@example.com\"]}\nconferences: [{user: r, moderators: *us}]\n"),
            "accepted");
  std::string bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int n = 1; n < 9; ++n) {
    const std::string last = "*a" + std::to_string(n - 1);
    bomb += "a" + std::to_string(n) + ": &a" + std::to_string(n) + " [";
    for (int one = 0; one < 10; ++one) bomb += (one == 0 ? "" : ", ") + last;
    bomb += "]\n";
  }
  EXPECT_EQ(error(bomb), "f:6: is nested too deeply or repeats too much by aliases");
  EXPECT_EQ(error("a: &a [*a]\n"), "f:1: is nested too deeply or repeats too much by aliases");
  EXPECT_NE(error("sip: " + std::string(100'000, '[')), "accepted");
  EXPECT_NE(error("sip: " + std::string(100'000, '{')), "accepted");
}

}  // namespace
}  // namespace clued::app
