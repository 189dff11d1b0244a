namespace MLNet.FineTune.Tokenization;

// Facts of the Unicode Character Database 14.0 (UnicodeData.txt, fields 3 and 5, less CompositionExclusions.txt), Hangul syllables left out because they follow a formula.
// Each table is a zlib stream in base64. Inside, every number is a little-endian base-128 varint.
internal static partial class UnicodeComposition
{
    /// <summary>Canonical combining classes other than 0: 382 runs of first code point less the one before, number of code points, class.</summary>
    private const string ClassTable = """
        eNptVE1IVFEU5rvz3rtzZ/w3U1NrKq10EUkIEWW2KIoIyty1KQgjhH5ACoLINAhaRCvToogWLYNo0U5qVUjQz0IsHhE1XNI27tpE9Z0z742TtHhzzjvv3HO+75zvzljU5NGE70AQIxCLeSCMEZpZGI
        mJzcfIhwjlNeuRxRLTPJCJkcl4ZExitQTjUoYxo/4C/UX6Fbba46EJPW4ZxGzseYpWKuAzT9CPPKIoRmQ8NEetfCuWOiMH5IEq1gJqgFqgDqgHGmAaDVaBnLDaoNmgBWgtIRFEDQeVwFpgHVDoRRvQ
        DnQgjQDrgQ3aTxgQZFjuH7PBxmHr4VLIEPICezmlE53rkm6oRC+zknh5LinjOGH0H8tzj8B+NgnmaFvZO3T0eTggvG0svCddBr9tFciyvxrPqawAkTZVMCn1TAWBhPNe2HqyrMBxRiO9jPSrd67idw
        ypl8UQcHxY/bPGNcBdEee0gasJRs6bi+pcPsI2HboOeeaxA9fYaJz+dUTBOCLxFa8TM8C0C7DGuCF670ICfm6NK8A9YOc8Mb0RYdyGKqSEOU6dA3BN2dLoemU0FapStis3HSjXOrjNKXsuYLdxu2Cr
        jNsHOy0DC5BcEl+6JMw1loqMuSt+Zfh1eeDpAvV9kQfnki3PAl0eXXpbiqVcfEoYLPyjhPfayLAXi2dUc5H2WdaSaqsM5k8zQXIg7mTBYzbQssXSxZQhmS8YMdm5H3IqzHn0sOAgn0lOfBPcFA+2N3
        gcok62wJ2ArYZbkmSTkBIEVpXv0Qf3kweechlrxiNha2P9+FZofxN0k+B471SjpP1uxaywQ7jHKcmZgOxuSOV7eksqbwdp9a24HS/ZsweuFm4nHKe8n/nbjRuAPQyXgx3R6DM+TDxqLMXYSnA5IvkA
        EbdtYaVTmvULaq7CXVJnFI7/TeJNUHUR7H0mDME1wg0ScQZuwqggj8F9vEsWA6z8wpnoyTSxveo284TPFX2lSuZRnY21bUhWBXKcEgXNtPFItt6jUayMkhk3DV9+y4z6mVfMc5Cj8lcI+xeWUCO6
        """;

    /// <summary>Primary composites: 941 times code point less the one before, the two code points it is composed of.</summary>
    private const string CompositeTable = """
        eNollmtwVOUdh+fsbk5opXYqU8JlOnXaT53xSz/UT4oTYQsrmHQIK8InU9lCBBMnZMUwnWluhkSicjFCxAoh5lYKJNCQhGoiwSQQpEDkWuwIiAjYFkvBOhVtn2f58Hve3/v+f+/lnLO7Z98LcivCIL
        cSVaFqVIdeCiMz28MgTi1OLU4tzniCfoJ+gn6iLozkkc9nLJ+xfMby7deF0SRjScaSjCWZt6gyjBYyVshYIWOF5AoZL2Sfp9knRS1FLUUtxXgR/SL6RfSL2KeYfAljJYyVMFZin33SjKUZSzOWZl55
        ZRgp9/w1rI1ya2lRbgctmkn2aTST/NNo5hpaNLOBFs1CSxrCaJy5KRRnbgrFyaRQnDVSKE4uhWazxlI0m8xSNJvMUjSba1qK5lBbVhVGE5y3CCVYswglyBahBGsVocSaMPYY2WfQXOYtbw8j8zjnCj
        SP/go0j/1WNIRZeYwVozzGilEe48UNYSyfdUtQPuuWoPy1tGvD6HyypWg+2VI0n3wpKmBsJSpgz5WogNpKVEBtJVqAL0ML8GXckyTnT6Mke6RRkj3SKPkSLUqyXxoluZ40Wsiaq9AiVG7Lc1nMfqvR
        Yu7RarSYtVc3hD/J38JZt4T3JmnTW8If5TJeiBKoCOWjEpREafRRwAHuiI+CSl2lrkGXqVboKsLI+0Yui7YYaBcjdq+A6GyyS9FctNxdOHUJuh4l8bnojTK8IQs8wx2ezS5L+STnsXwxGnbbT8WIuC
        LOiq9E7qtcA8pdT4vi+BSK41MogS9CCXwRyseXoHx8CZqPL0Xz8aUoiU+jJD6NCtp4TmgBKmsLo3M45bKGMDuX+1roZ9XvFTrt9X4pTonbIp96CdrlDdktFqHymnA80uHZ12fzRWoEwSbRZHeraLXb
        KcbAtKZsHmqr6HasR/SKfnHESL/VYTHo2LA4DLLGdeMUHmicwM1snMD3fOOEyjBWi8t6AxdsttAyoTa8ZzO4vw/k9DjWY3iv4dOG9xvus3CQyJRbE7hNt8Fjr9MN9oF71+m6xDpm4Pj1aLTbA6Jnv8
        PYOfG61X1ik+g1t3lCjcvXeKA6HXhLDFi96rRrYqdjR0WL4YOixe7Bu2NrdaDd7qhzd+iOgM5I+8QPJwbtE09ODA6J9omnJgZjuDeCU987OTFyAPxgHJyOddz3zn0TukB0L9gUjE4amATOTLoTGZ18
        enJ0dPLA5GB08pnJczbknMl5cCRnICcYFSN0fzsy5fSUFwannpqaPQKCkamnp0ZGpg5NDcbo/m5k2sC0YFSMTDsz7ZXg3PSx6ZFz049NDz7C0f14+qFY6/277r/wwxcf7HkwskbUi7XiZRBbD3623+
        47IDoAgkG7Q+DdrNxWPp/oUT5/v0aPttCiR7tp0agfwM/ELKpL0CyqS9AsqkvQLD7VS9CsnbRoQ4Qnv1FsiFTqfGMxnkLxLlrUEeNZd4pfsuJv/I3m6SxFc/DL0Bx2WIbm8EiWoTnssMzf8F20KMEq
        ReiYR7sh5qLltsxajuZytuVoHn4F2veQPyFiHqMrrHCiFehxZj2LHmffZ9HjpJ9FefhilIcvts+cYpTHnOKdfoMr/QZX6up04AMv/Kj4wAs/Kn6FnrNlrefQfFRqy5ql6K8e6ryYz+qlqIDqSlRAda
        WJCJ3z4oK4KC49BD4RC1CZLckytIAVytACzliGkm/zG4WS3K80SjKWRlc93DVxPcLRPxdP8E55Hj3BOs+jhVzJKrSQ1Cq0kMwqtJD9VqGFZFahJ/EvoCepveB/DHy57xTeNavRYjKr0WLOtRot84yu
        xbuqnP8d/+OSsnIJFKLcelo05L29JIZ8iVwSQ0G9LlOt1oFtD7NDs6jyaqpFlc+gWlRF6nX1umpdZkatM/wzwX4pFKeeQnGqKTTmttfFmNteF2Nue12Mue110ee2/SLBeBFKsFoRykcltoyVoJMudk
        ucdLFb4qSL3Qoy1Wod+MDFjoptUcLNYlu0Qlehq9fV66p1Xk20RQeSKG1LPY12O7lL7HZyl9jt5K5oplqtq9a16MAiEuVoEb7cPrlytIhUeXWY3Z290ffLa2FQMYNYpaiYUamr1A3phnxpbRTk6ozU
        izoj9aLOSL3oMddjbp2R9WKdkfUg2mi10epmC01is9Umq71We61us9AstlltFttcvllsMrfJXIeRTtFhpFN0GOkU/eb6zXUZ6RZdRrpFl5Fu0WSuyVyfkX7RZ6Rf9GWWEoPmBs29Z+SAeM/IAU+/1e
        pWq4csHBaHrB62Omx12OpxCyfEcasnxHGXPwH4D/BaGDlHFVSKId/oGwVzLzjtorjgtIvigpGLmYs212nuqpFr4qqRa+KqkWuZi85m+R7RK/rFoBgWh0GsYsawDx5UiWpRI14UtWKNqBP14iWxVjSI
        l8Ur4lWxTTSL7aJFvC1aRZtoFx2iU/xB7BB/FDvFLrFbXBAXxSXxibgsPhVXxGfiqrgmrovPxd/FP8Q/xQ3RnV0r+M3+4m7XfUGkO5sbtu+RYT/8taJGcJvWU83qCKjeckavM3Y5o9cZI85oNLfpLu
        gOPlIhKkXm01kravy3xx3vd9pYdubjWCtqREUY/dZp3zrtW6cNWx22esSVD/jMD/jMh517RLQaaTXSaqQ5803h5ynrjic97Fn+4kkPG/7Sk24113kXw+Fb0XUz+3jfg0mvgR8ft3tSjINfVM/qC7Pq
        QHQtmNICIq1g+juOHRTDjh0COQ9jLmLuOQqCh9AMdNnOpyZv6v6t+1L3H5D9X93XjlXFcdUgWqtbA366XdchOsUO8PM7zvhGrHdsA8jeo9sr/iR6wMfTjjzVVBg5Ko6JE+JDcUqcEefEefE38bG4CK
        KXdVfEVZB9AwQ3nnqjMHJTd1N3W3db95XuK93Xuq9xOSO47/6+sKnw3h0gslPsFt1ir+gRvaJf/Fm8KwbFARB9XzciDoHsYyA4VshG47px3SndKd1Z3Vnded15XE6bq9yw+4X4l7gJYt+ANwejTc2x
        /c2xyJZM8/3WTFMddG+PtW+PBXsyzZux0bbYQFssoDnTFrsR6e+M7e+MBTRdnTF773bG7gR9O2K7dzCaab4Je/bEuvbE/g9oAPvq
        """;
}
