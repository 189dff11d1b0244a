using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Heads;

/// <summary>A linear layer with an activation, as sentence-transformers' Dense module has it.</summary>
/// <param name="Inputs">Width of the input.</param>
/// <param name="Outputs">Width of the output.</param>
/// <param name="Bias">Whether it has a bias.</param>
/// <param name="Activation">After the linear layer.</param>
internal sealed record DenseShape(int Inputs, int Outputs, bool Bias, Activation Activation);
