"""What stands in a proof for the person who checks it."""

from __future__ import annotations

ENGLISH = """How to check this proof
=======================

You need sha256sum and openssl, which every Linux has. Nothing of the archive that made this is needed.

  sha256sum --check --quiet SHA256SUMS && sh verify.sh

The first command checks the script before it runs. The second says "verified" when every byte is as it was packed and
every capture stands under the root in ROOT. What it does, so that you can do it by hand:

1. sha256sum --check SHA256SUMS: no file of this proof was altered.
2. For each file in proofs/: SHA-256 of the capture it names; then of the line "leaf SALT DIGEST"; then, for each
   line "left H" or "right H", of "node H SO-FAR" or "node SO-FAR H" (each line ends with a line feed). The last
   must be the root in ROOT.
3. Compare ROOT with the one that was published on that day. Only this comparison shows that the capture was not
   made up later.
4. If there is ROOT.tsr, an authority has confirmed when ROOT existed:
   openssl ts -verify -data ROOT -in ROOT.tsr -CAfile THE-AUTHORITY.pem

captures/   the answers of the newspaper's server as they came (WARC records; gunzip shows them)
texts/      what the archive read in them, each distinct text with the time of its first capture
diff.txt    how one text differs from the one before
article.json  the archive's record
"""

ARABIC = """كيف تتحقق من هذا الإثبات
=========================

تحتاج إلى sha256sum وopenssl فقط، وهما في كل نظام لينكس، ولا تحتاج إلى شيء من الأرشيف الذي أصدره.

  sha256sum --check --quiet SHA256SUMS && sh verify.sh

يتحقق الأمر الأول من السكربت نفسه قبل تشغيله. وتظهر كلمة verified إذا كان كل بايت كما حُزم، وكان كل التقاط واقعاً تحت
الجذر المذكور في ROOT. والخطوات يدوياً:

1. الأمر sha256sum --check SHA256SUMS: لم يُغيَّر أي ملف.
2. لكل ملف في proofs: احسب SHA-256 للالتقاط الذي يسميه، ثم للسطر "leaf SALT DIGEST"، ثم لكل سطر "left H" أو
   "right H" للسطر "node H SO-FAR" أو "node SO-FAR H" (وكل سطر ينتهي بمحرف سطر جديد). الناتج الأخير هو الجذر.
3. قارن ROOT بما نُشر في ذلك اليوم؛ فهذه المقارنة وحدها تثبت أن الالتقاط لم يُختلق لاحقاً.
4. إن وُجد ROOT.tsr فقد صادقت جهة مستقلة على وقت وجود ROOT:
   openssl ts -verify -data ROOT -in ROOT.tsr -CAfile THE-AUTHORITY.pem

captures/   إجابات خادم الصحيفة كما وردت
texts/      النصوص التي قُرئت منها، كل نص مع وقت التقاطه الأول
diff.txt    الفرق بين كل نص وما قبله
article.json  سجل الأرشيف
"""

SCRIPT = r"""#!/bin/sh
# Checks this proof; needs sha256sum (and openssl, if ROOT.tsr is to be checked).
cd "$(dirname "$0")" || exit 1
sha256sum --check --strict --quiet SHA256SUMS || { echo 'FAILED: a file was altered'; exit 1; }
hash() { sha256sum | cut -c1-64; }
for proof in proofs/*.txt; do
  at=none
  while read -r word value; do
    case $word in
      record) at=$(hash < "$value") ;;
      salt) at=$(printf 'leaf %s %s\n' "$value" "$at" | hash) ;;
      left) at=$(printf 'node %s %s\n' "$value" "$at" | hash) ;;
      right) at=$(printf 'node %s %s\n' "$at" "$value" | hash) ;;
    esac
  done < "$proof"
  grep -qx "root $at" ROOT || { echo "FAILED: $proof does not lead to the root"; exit 1; }
done
if [ -f ROOT.tsr ] && [ -n "$1" ]; then
  openssl ts -verify -data ROOT -in ROOT.tsr -CAfile "$1" || { echo 'FAILED: the time stamp'; exit 1; }
fi
echo verified
"""
