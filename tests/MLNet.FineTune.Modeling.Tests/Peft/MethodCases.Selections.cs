using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Methods that choose which of the encoder's parameters train.</summary>
    private static IEnumerable<MethodCase> Selections =>
    [
    ];
}
