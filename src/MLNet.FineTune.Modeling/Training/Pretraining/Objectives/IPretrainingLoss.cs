using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>One of the losses whose weighted sum pre-training minimises.</summary>
internal interface IPretrainingLoss
{
    /// <summary>The name in reports; with underscores, also that of <see cref="Module"/>'s parameters.</summary>
    string Name { get; }

    /// <summary>The factor in the sum.</summary>
    double Weight { get; }

    /// <summary>What is trained for this loss alone and dropped at the end; null for nothing.</summary>
    nn.Module? Module => null;

    /// <summary>Whether the outputs of all layers are looked at.</summary>
    bool NeedsHiddenStates => false;

    /// <summary>The loss before weighting: a scalar in float32.</summary>
    Tensor Compute(EncodedBatch batch);
}
