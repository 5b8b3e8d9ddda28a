"""The key every sandbox tenant signs its tokens with: published on purpose, and worth nothing elsewhere.

Making an RSA key costs up to a tenth of a second, and a tenant made twice should be the same tenant. No service outside
the sandbox trusts this key; the tokens it signs name tenants that do not exist.
"""

from typing import Any

KID = "sandbox-signing-key-1"

_NUMBERS = {
    "n": (
        "mVEAQFI3gDKd_I0oCHVDFIlDDFC1M4YIitmvBGmyZGvZLQWK7xUWadqFZKhF4seV9qWviTkgvAUtM1MALhuDCk1-"
        "ZiY_2xGkDhumgbWfQeWHQDaR47Plu4hMXlBKgT3VxuiX_ke7Q91udi7giIImyVHjmyKNiqUfUwsW5wKG5v2oGtYdf_"
        "pSnot90Ev1k5NnDJZqjsBUn82z-Dl1hZ7xoeHeaTXjJwB-"
        "GVzcG4EYT_lpQvib249F6s3ygYu6PxgAGUy3WRB_qCp4BaRKVK4eXfOxE_fJk4h8TacmSz1UH25DhLc-bvoYtuwQQ-"
        "VMTYcYz8rjz6cMsxcwFUCE_gCbWQ"
    ),
    "e": "AQAB",
    "d": (
        "BW7n7d-cBOiGTcVo1kfljSxCGoUfrshAtD77o1HllwZ1Z1GLd2aNaUnrsUH_XAaLq3Z6roe-"
        "P7uFOwzldDzYW3ycjp0rZSWOZUuYjn8zuh-at-1XJTUiXo95eVwqD8NzuH1UqZe8LK8Ds598qInIOxkyUjSaxH-"
        "OiSBa-uvNgRENINIho2Uh05s6hWxgZ586UqoSaymwiV3DAdHPkQTJhyg_wqZ6-OI-"
        "2GN9IEeOm8EzoyvNb0ezV3siGYIkYjaYKZSpsxyjBLkui1_fcBUy9c3LlT5PzSaHFSZUbUQPLIjot_2zHLvrJklmo4"
        "34hkNL261aGgw0N7JEfz7C7YuoQQ"
    ),
    "p": (
        "yvB1UKHny1xHU7sNdtIHzBaFj_LQtLgMq_jPwexHxyuKHl_3e0IuPdd1IuL_QZMgqgx5grsxqfHgtHvzhc1ghXLh-"
        "3cKHqgAo8D8xrTxomdYr3cWLYpxfy7VWgNCN3heaYO6Bh4MRh65-GCAuknYlvgKkpyAZyNXgvohMzhpLNE"
    ),
    "q": (
        "wWcVhTe2Im5LpUyIpB9xfOGhaADWB7tpB5pbDdZ6GjXGXv4_73yiOOmh5Mkag6Xird3FaSQ1ax9JxKW58ii_3rdM_0"
        "F_qxaEZ8yusxTH_4SMafAA2omv9PGxDWoK02WiNC4Ghc_2DBwhdRbbOFHaCHygUiXVxEU80QnJ0e5PiAk"
    ),
    "x5c": (
        "MIIC5DCCAcygAwIBAgICWk0wDQYJKoZIhvcNAQELBQAwNDEyMDAGA1UEAwwpc2FuZGJveCB0b2tlbiBzaWduaW5nIC"
        "hwdWJsaWMsIHdvcnRobGVzcykwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMDQxMjAwBgNVBAMMKXNh"
        "bmRib3ggdG9rZW4gc2lnbmluZyAocHVibGljLCB3b3J0aGxlc3MpMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCg"
        "KCAQEAmVEAQFI3gDKd/I0oCHVDFIlDDFC1M4YIitmvBGmyZGvZLQWK7xUWadqFZKhF4seV9qWviTkgvAUtM1MALhuD"
        "Ck1+ZiY/2xGkDhumgbWfQeWHQDaR47Plu4hMXlBKgT3VxuiX/ke7Q91udi7giIImyVHjmyKNiqUfUwsW5wKG5v2oGt"
        "Ydf/pSnot90Ev1k5NnDJZqjsBUn82z+Dl1hZ7xoeHeaTXjJwB+GVzcG4EYT/lpQvib249F6s3ygYu6PxgAGUy3WRB/"
        "qCp4BaRKVK4eXfOxE/fJk4h8TacmSz1UH25DhLc+bvoYtuwQQ+VMTYcYz8rjz6cMsxcwFUCE/gCbWQIDAQABMA0GCS"
        "qGSIb3DQEBCwUAA4IBAQCLM7/rFScnyktdMByDSbYxhR3qUsRfI6OwR8yA5tLrQIoSCRYjnFxoWAx/1qim27cHg+4Q"
        "+tjQ6q38DI4+RUk93eQkbOiI70qBlghn32R2zBAisvDiWHQEd27PWOdIQ00iK1dnobBfqcnI2d7JPslWXap8/WboKT"
        "iq4gvV442e8fvISW1OfhBq5ZkMjdJ7kci2DpZOFYTv7R0dSN1oAc+EbTDvo/j9TpVo3YOk5U1l+o9cxkgPeenhokDH"
        "iRxG6ZJ3iE4GyAg28gDPA7AsgKMIOQbrHOd4tg3S/NM3Dxgcs+rTr1uv73jElNNzX4Ag9qsUr4WOOyw6CsZ/Dgycyj"
        "Gd"
    ),
}


def signing_key() -> dict[str, Any]:
    """One row of the tenant's `signingKeys` table: a JSON Web Key with its private numbers and certificate."""
    certificate = _NUMBERS["x5c"]
    key = {name: value for name, value in _NUMBERS.items() if name != "x5c"}
    return {"kid": KID, "kty": "RSA", **key, "x5c": [certificate]}
