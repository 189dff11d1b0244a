using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Without modules.</summary>
    private static IEnumerable<MethodCase> Base =>
    [
        new("full", () => new FullFineTuning(), c => Encoder(c) + Dense(c) + Output(c)) { SwitchesOff = false, Families = TinyEncoder.Families },
        new("head", () => new HeadOnly(), c => Dense(c) + Output(c)) { Families = TinyEncoder.Families },
    ];
}
