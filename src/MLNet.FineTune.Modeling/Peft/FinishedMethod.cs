using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What a method leaves behind when training ends.</summary>
/// <param name="Method">The method that is saved.</param>
/// <param name="Values">Every parameter and state it adds, by name.</param>
internal sealed record FinishedMethod(PeftMethod Method, IReadOnlyDictionary<string, Tensor> Values);
