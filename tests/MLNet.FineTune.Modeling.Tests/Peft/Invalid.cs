using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Options that a method must refuse, with a message that says what is wrong.</summary>
internal static class Invalid
{
    /// <summary>Asserts that attaching the method to a tiny BERT of two layers fails, and that the message contains a text.</summary>
    public static void Expect(PeftMethod method, string text)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        Assert.Contains(text, Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, method)).Message);
    }
}
