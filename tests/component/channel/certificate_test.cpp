#include "channel/certificate.hpp"

#include <gtest/gtest.h>

#include "channel/tls_id.hpp"

namespace clued::channel {
namespace {

class CertificateTest : public testing::Test {
 protected:
  sdp::Fingerprint by(const char* hash) { return fingerprint_of(*certificate.x509(), hash).value(); }
  static sdp::Fingerprint wrong(sdp::Fingerprint fingerprint) {
    fingerprint.value.front() = fingerprint.value.front() == '0' ? '1' : '0';
    return fingerprint;
  }
  bool matches(const std::vector<sdp::Fingerprint>& told) { return matches_fingerprint(*certificate.x509(), told); }

  Certificate certificate;
};

TEST_F(CertificateTest, HasAFingerprintByEachHashFunction) {
  EXPECT_EQ(by("sha-1").value.size(), 20U * 3 - 1);
  EXPECT_EQ(by("sha-224").value.size(), 28U * 3 - 1);
  EXPECT_EQ(by("SHA-256").value.size(), 32U * 3 - 1);
  EXPECT_EQ(by("SHA-256"), certificate.fingerprint());
  EXPECT_EQ(by("sha-384").value.size(), 48U * 3 - 1);
  EXPECT_EQ(by("sha-512").value.size(), 64U * 3 - 1);
  EXPECT_EQ(fingerprint_of(*certificate.x509(), "md5"), std::nullopt);
  EXPECT_EQ(fingerprint_of(*certificate.x509(), ""), std::nullopt);
}

TEST_F(CertificateTest, IsMatchedByAnyFingerprintOfTheStrongestFunction) {
  EXPECT_TRUE(matches({by("sha-1")}));
  EXPECT_TRUE(matches({by("sha-512")}));
  EXPECT_TRUE(matches({wrong(by("sha-256")), by("sha-256")}));
  EXPECT_TRUE(matches({{"foo-1", "AA"}, by("sha-256")}));
  EXPECT_TRUE(matches({wrong(by("sha-1")), by("sha-256")})) << "the weaker function does not decide";
}

TEST_F(CertificateTest, IsNotMatchedByTheRest) {
  EXPECT_FALSE(matches({}));
  EXPECT_FALSE(matches({wrong(by("sha-256"))}));
  EXPECT_FALSE(matches({by("sha-1"), wrong(by("sha-256"))})) << "a match by the weaker function is no match";
  EXPECT_FALSE(matches({{"md5", "AA:BB"}}));
  EXPECT_FALSE(matches({{"sha-256", ""}}));
}

TEST_F(CertificateTest, IsMatchedWhateverTheCaseOfTheDigits) {
  sdp::Fingerprint lower = by("sha-256");
  lower.hash = "SHA-256";
  for (char& c : lower.value) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  EXPECT_TRUE(matches({lower}));
}

TEST(TlsId, IsLongAndFresh) {
  EXPECT_EQ(make_tls_id().size(), 24U);
  EXPECT_NE(make_tls_id(), make_tls_id());
}

}  // namespace
}  // namespace clued::channel
