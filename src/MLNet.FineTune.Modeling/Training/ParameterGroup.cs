using TorchSharp.Modules;

namespace MLNet.FineTune.Training;

/// <summary>A trainable parameter and the name it has in the model.</summary>
internal readonly record struct NamedParameter(string Name, Parameter Parameter);

/// <summary>Parameters that share a weight decay and a learning rate.</summary>
/// <param name="Parameters">The members, in the order of the model.</param>
/// <param name="WeightDecay">Decoupled weight decay, per step and unit of learning rate.</param>
/// <param name="LearningRateScale">Factor on the scheduled learning rate.</param>
internal sealed record ParameterGroup(IReadOnlyList<NamedParameter> Parameters, double WeightDecay, double LearningRateScale);
