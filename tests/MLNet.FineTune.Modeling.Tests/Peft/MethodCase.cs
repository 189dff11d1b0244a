using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A row of the conformance suite: a method with the options it is tried with, and what it promises.</summary>
/// <param name="Name">Names the row in test results.</param>
/// <param name="Create">Makes the options.</param>
/// <param name="Trainable">How many numbers train, head included, in closed form.</param>
internal sealed record MethodCase(string Name, Func<PeftMethod> Create, Func<EncoderConfig, long> Trainable)
{
    /// <summary>Whether the model computes the same before the first step as without the method.</summary>
    public bool IdentityAtInitialization { get; init; } = true;

    /// <summary>Whether its effect can be added to the base weights.</summary>
    public bool Mergeable { get; init; } = true;

    /// <summary>Whether it can be switched off and taken away, so that the base is back.</summary>
    public bool SwitchesOff { get; init; } = true;

    /// <summary>Whether Python's peft knows it, so that a directory with its two files can be written and read.</summary>
    public bool HasPeftFiles { get; init; }

    /// <summary>Steps after which memory is flat: more where parameters join later, with their moments.</summary>
    public int FlatAfter { get; init; } = 2;

    /// <summary>The same of what the method leaves behind when training ends, which may be another one.</summary>
    public bool LeavesPeftFiles { get => field || HasPeftFiles; init; }

    /// <summary>Steps in which it learns the tiny task.</summary>
    public int Steps { get; init; } = 40;

    /// <summary>The families it is tried on: those that differ most, layers that share weights and disentangled attention among them.</summary>
    public IEnumerable<string> Families { get; init; } = ["bert", "roberta", "albert", "deberta-v2"];

    /// <summary>What the error says on a family where the method cannot be; null where it can.</summary>
    public Func<string, string?> Refusal { get; init; } = _ => null;

    public override string ToString() => Name;
}
