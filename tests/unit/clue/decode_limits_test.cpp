// How much is read of one message: each list up to its limit, and one more is answered 300.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/codec.hpp"
#include "clue/validation.hpp"
#include "machine_support.hpp"

namespace clued::clue {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using Fill = void (*)(AdvertisementContent&, std::size_t);

struct List {
  const char* name;
  std::size_t DecodeLimits::*limit;
  Fill fill;  ///< so that there are so many of it
};

std::string id(std::size_t number) { return "n" + std::to_string(number); }

class ListLimit : public ::testing::TestWithParam<List> {};

INSTANTIATE_TEST_SUITE_P(
    Of, ListLimit,
    ::testing::Values(List{"captures", &DecodeLimits::captures,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (auto i = c.captures.size(); i < count; ++i) {
                               c.captures.push_back(c.captures.front());
                               c.captures.back().id = id(i);
                             }
                           }},
                      List{"encoding_groups", &DecodeLimits::encoding_groups,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (auto i = c.encoding_groups.size(); i < count; ++i)
                               c.encoding_groups.push_back({id(i), 1, {"e"}});
                           }},
                      List{"encodings", &DecodeLimits::encodings,
                           [](AdvertisementContent& c, std::size_t count) {
                             auto& ids = c.encoding_groups.front().encoding_ids;
                             for (auto i = ids.size(); i < count; ++i) ids.push_back(id(i));
                           }},
                      List{"scenes", &DecodeLimits::scenes,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (auto i = c.scenes.size(); i < count; ++i) c.scenes.push_back({id(i), {}, {}, {}, {}});
                           }},
                      List{"views", &DecodeLimits::views,
                           [](AdvertisementContent& c, std::size_t count) {
                             auto& views = c.scenes.front().views;
                             for (auto i = views.size(); i < count; ++i)
                               views.push_back({id(i), {}, {c.captures.front().id}});
                           }},
                      List{"simultaneous_sets", &DecodeLimits::simultaneous_sets,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (std::size_t i = 0; i < count; ++i)
                               c.simultaneous_sets.push_back({id(i), {}, {}, {}, {}});
                           }},
                      List{"global_views", &DecodeLimits::global_views,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (std::size_t i = 0; i < count; ++i) c.global_views.push_back({id(i), {}});
                           }},
                      List{"people", &DecodeLimits::people,
                           [](AdvertisementContent& c, std::size_t count) {
                             for (std::size_t i = 0; i < count; ++i) c.people.push_back({id(i), PersonCard{"x"}, {}});
                           }},
                      List{"entries_of_a_view", &DecodeLimits::references,
                           [](AdvertisementContent& c, std::size_t count) {
                             c.scenes.front().views.front().capture_ids.assign(count, c.captures.front().id);
                           }},
                      List{"entries_of_a_set", &DecodeLimits::references,
                           [](AdvertisementContent& c, std::size_t count) {
                             c.simultaneous_sets.push_back({"set", {}, {}, {}, {}});
                             c.simultaneous_sets.back().capture_ids.assign(count - 2, c.captures.front().id);
                           }},
                      List{"captured_people", &DecodeLimits::references,
                           [](AdvertisementContent& c, std::size_t count) {
                             c.people.push_back({"person", {}, {}});
                             c.captures.front().person_ids.assign(count - 2, "person");
                           }},
                      List{"sources_of_a_multiple_content_capture", &DecodeLimits::references,
                           [](AdvertisementContent& c, std::size_t count) {
                             auto all = c.captures.front();
                             all.id = "all";
                             all.multiple.emplace();
                             all.multiple->content.emplace();
                             all.multiple->content->capture_ids.assign(count - 2, c.captures.front().id);
                             c.captures.push_back(all);
                           }}),
    [](const auto& one) { return one.param.name; });

TEST_P(ListLimit, IsReadUpToItAndRefusedBeyond) {
  DecodeLimits limits;
  limits.bytes = 1024 * 1024;
  limits.elements = 100'000;
  const auto most = limits.*GetParam().limit;
  Advertisement advertisement{{{1, 0}, {}, 7}, testing::content("x"), {}};
  GetParam().fill(advertisement.content, most);
  const auto read = decode(encode(advertisement), limits);
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_TRUE(validate(std::get<Advertisement>(*read).content).has_value());

  Advertisement larger{{{1, 0}, {}, 7}, testing::content("x"), {}};
  GetParam().fill(larger.content, most + 1);
  const auto refused = decode(encode(larger), limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ResponseCode::low_level_request_error);
  EXPECT_EQ(refused.error().sequence, 7U) << "it can be answered";
  EXPECT_THAT(refused.error().reason, HasSubstr("one more than the " + std::to_string(most)));
}

TEST(DecodeLimits, OfOptionsAndConfigure) {
  const DecodeLimits limits;
  Options options;
  for (std::size_t i = 0; i <= limits.extensions; ++i) options.supported_extensions.push_back({"n", "s", {1, 0}});
  EXPECT_EQ(decode(encode(options)).error().code, ResponseCode::low_level_request_error);
  options.supported_extensions.pop_back();
  EXPECT_TRUE(decode(encode(options)));
  for (std::uint32_t i = 1; i <= limits.versions + 1; ++i) options.supported_versions.push_back({i, 0});
  EXPECT_EQ(decode(encode(options)).error().code, ResponseCode::low_level_request_error);

  Configure configure;
  configure.advertisement_sequence = 1;
  for (std::size_t i = 0; i <= limits.capture_encodings; ++i) configure.encodings.push_back({id(i), "c", "e", {}});
  EXPECT_EQ(decode(encode(configure)).error().code, ResponseCode::low_level_request_error);
  configure.encodings.resize(1);
  configure.encodings.front().configured_content.emplace();
  configure.encodings.front().configured_content->capture_ids.assign(limits.references + 1, "c");
  EXPECT_EQ(decode(encode(configure)).error().code, ResponseCode::low_level_request_error);
}

TEST(DecodeLimits, OfIdentifiersAndWords) {
  const DecodeLimits limits;
  Advertisement advertisement{{}, testing::content("x"), {}};
  auto& capture = advertisement.content.captures.front();
  capture.view = std::string(limits.word_bytes, 'v');
  EXPECT_TRUE(decode(encode(advertisement)));
  for (auto* word : {&capture.view, &capture.presentation}) {
    const auto before = *word;
    *word = std::string(limits.word_bytes + 1, 'v');
    EXPECT_EQ(decode(encode(advertisement)).error().code, ResponseCode::invalid_value);
    *word = before;
  }
  capture.languages = {"en" + std::string(10 * limits.word_bytes, 'x')};
  EXPECT_EQ(decode(encode(advertisement)).error().code, ResponseCode::invalid_value);
  capture.languages.clear();
  advertisement.content.encoding_groups.front().encoding_ids.front() = std::string(limits.id_bytes + 1, 'e');
  EXPECT_EQ(decode(encode(advertisement)).error().code, ResponseCode::low_level_request_error);
  advertisement.content = testing::content(std::string(limits.id_bytes, 'x'));
  EXPECT_EQ(decode(encode(advertisement)).error().code, ResponseCode::low_level_request_error);
  advertisement = {{{1, 0}, std::string(limits.id_bytes + 1, 'c'), 1}, testing::content("x"), {}};
  EXPECT_EQ(decode(encode(advertisement)).error().code, ResponseCode::low_level_request_error);
}

TEST(DecodeLimits, TextIsCutBetweenCharactersAndToldOf) {
  const DecodeLimits limits;
  Advertisement advertisement{{}, testing::content("x"), {}};
  auto& capture = advertisement.content.captures.front();
  std::string text(limits.text_bytes - 1, 'a');
  for (int i = 0; i < 50'000; ++i) text += "\xC3\xA4";
  capture.descriptions = {{"en", text}, {"en", "short"}};
  const auto read = decode(encode(advertisement));
  ASSERT_TRUE(read) << read.error().reason;
  const auto& got = std::get<Advertisement>(*read);
  ASSERT_THAT(got.content.captures.front().descriptions, SizeIs(2));
  EXPECT_EQ(got.content.captures.front().descriptions[0].text, std::string(limits.text_bytes - 1, 'a'));
  EXPECT_EQ(got.content.captures.front().descriptions[1].text, "short");
  EXPECT_EQ(got.shortened_texts, 1U);
}

TEST(DecodeLimits, AllTextsTogetherAreBounded) {
  const DecodeLimits limits;
  Advertisement advertisement{{}, testing::content("x", 8), {}};
  for (auto& capture : advertisement.content.captures) {
    capture.descriptions.assign(100, {"en", std::string(limits.text_bytes / 4, 'a')});
  }
  advertisement.content.people = {{"p", PersonCard{std::string(100'000, 'n')}, {}}};
  const auto read = decode(encode(advertisement));
  ASSERT_FALSE(read) << "the whole is too long";
  advertisement.content.people.front().card->full_name = "Zoe";
  const auto again = decode(encode(advertisement));
  ASSERT_TRUE(again) << again.error().reason;
  const auto& got = std::get<Advertisement>(*again);
  std::size_t bytes = 0, most = 0;
  for (const auto& capture : got.content.captures) {
    most = std::max(most, capture.descriptions.size());
    for (const auto& description : capture.descriptions) bytes += description.text.size();
  }
  EXPECT_LE(bytes, limits.all_text_bytes);
  EXPECT_LE(most, limits.repeated_texts);
  EXPECT_GT(got.shortened_texts, 500U);
  EXPECT_EQ(got.content.captures.size(), 8U);
}

}  // namespace
}  // namespace clued::clue
