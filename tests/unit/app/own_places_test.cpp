#include "app/own_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config.hpp"

namespace clued::app {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<focus::OwnPlace>& places) {
  std::vector<std::string> texts;
  for (const auto& place : places) texts.push_back(place.host + " " + std::to_string(place.port));
  return texts;
}

TEST(OwnPlaces, AreTheListenersUnderAllTheirNames) {
  const auto config = parse_config(
      "sip:\n"
      "  listen:\n"
      "    - {address: 192.0.2.1, port: 5062, advertise: edge.example.org}\n"
      "    - {address: \"2001:db8::1\"}\n"
      "    - {address: 127.0.0.1, port: 0}\n"
      "  domain: conf.example.org\n");
  ASSERT_TRUE(config.has_value());
  const auto& dial_out = config->policy.dial_out;
  EXPECT_THAT(texts(dial_out.own_places), ElementsAre("192.0.2.1 5062", "edge.example.org 5062", "2001:db8::1 5060"));
  EXPECT_THAT(dial_out.own_domains, ElementsAre("conf.example.org"));
}

TEST(OwnPlaces, HaveTheirTlsPortToo) {
  sip::Settings sip;
  sip.listen = {{"192.0.2.1", 5060, false, false, "", true, 5071}};
  sip.domain = "[2001:db8::5]:5060";
  focus::DialOut dial_out;
  note_own_places(sip, dial_out);
  EXPECT_THAT(texts(dial_out.own_places), ElementsAre("192.0.2.1 5071"));
  EXPECT_THAT(dial_out.own_domains, ElementsAre("2001:db8::5"));
}

}  // namespace
}  // namespace clued::app
